"""An operating system's scheduler: tasks of several classes that send packets to each other."""

from __future__ import annotations


class Packet:
    """A packet in a queue."""

    def __init__(self, link: Packet | None, owner: int, kind: int) -> None:
        self.link = link
        self.owner = owner
        self.kind = kind
        self.datum = 1
        self.data = [0] * 4

    def append_to(self, head: Packet | None) -> Packet:
        """Put it at the end of a queue, answer the queue."""
        self.link = None
        if head is None:
            return self
        last = head
        while last.link is not None:
            last = last.link
        last.link = self
        return head


class Task:
    """What all tasks have in common."""

    def __init__(self, system: Richards, index: int, priority: int, queue: Packet | None, link: Task | None) -> None:
        self.system = system
        self.index = index
        self.priority = priority
        self.queue = queue
        self.link = link
        self.is_pending = queue is not None
        self.is_waiting = True
        self.is_held = False

    def set_up(self) -> None:
        """Initialise what the kind of task needs."""
        raise NotImplementedError

    def take(self, packet: Packet | None) -> Task | None:
        """Work on a packet; answer the next task."""
        raise NotImplementedError

    def is_held_or_waiting(self) -> bool:
        """Whether it cannot run."""
        return self.is_held or (not self.is_pending and self.is_waiting)

    def is_waiting_with_packet(self) -> bool:
        """Whether a packet has come for it."""
        return self.is_pending and (self.is_waiting and not self.is_held)

    def add(self, packet: Packet, before: Task) -> Task:
        """Take a packet into the queue; answer the task that runs next."""
        if self.queue is None:
            self.queue = packet
            self.is_pending = True
            if self.priority > before.priority:
                return self
        else:
            self.queue = packet.append_to(self.queue)
        return before

    def run_next(self) -> Task | None:
        """Run with the next packet; answer the next task."""
        message: Packet | None
        if self.is_waiting_with_packet():
            message = self.queue
            self.queue = message.link  # type: ignore[union-attr]  # a pending task has a packet
            self.is_waiting = False
            self.is_pending = self.queue is not None
        else:
            message = None
        return self.take(message)


class Idle(Task):
    """Releases the devices in turn."""

    def set_up(self) -> None:
        """Initialise."""
        self.control = 1
        self.count = 1000
        self.is_waiting = False

    def take(self, packet: Packet | None) -> Task | None:  # noqa: ARG002 - it needs none
        """Work."""
        self.count = self.count - 1
        if self.count == 0:
            return self.system.hold_self()
        if (self.control & 1) == 0:
            self.control = self.control // 2
            return self.system.release(5)
        self.control = (self.control // 2) ^ 53_256
        return self.system.release(6)


class Worker(Task):
    """Fills packets."""

    def set_up(self) -> None:
        """Initialise."""
        self.destination = 3
        self.count = 0

    def take(self, packet: Packet | None) -> Task | None:
        """Work."""
        if packet is None:
            return self.system.wait_self()
        self.destination = 7 - self.destination
        packet.owner = self.destination
        packet.datum = 1
        for i in range(1, 5):
            self.count = self.count + 1
            if self.count > 26:
                self.count = 1
            packet.data[i - 1] = 64 + self.count
        return self.system.queue(packet)


class Handler(Task):
    """Gives the work to a device, a datum at a time."""

    def set_up(self) -> None:
        """Initialise."""
        self.work: Packet | None = None
        self.device: Packet | None = None

    def take(self, packet: Packet | None) -> Task | None:
        """Work."""
        if packet is not None:
            if packet.kind == 2:
                self.work = packet.append_to(self.work)
            else:
                self.device = packet.append_to(self.device)
        if self.work is None:
            return self.system.wait_self()
        position = self.work.datum
        if position > 4:
            packet = self.work
            self.work = self.work.link
            return self.system.queue(packet)
        if self.device is None:
            return self.system.wait_self()
        packet = self.device
        self.device = self.device.link
        packet.datum = self.work.data[position - 1]
        self.work.datum = position + 1
        return self.system.queue(packet)


class Device(Task):
    """Holds one packet until it is released."""

    def set_up(self) -> None:
        """Initialise."""
        self.pending: Packet | None = None

    def take(self, packet: Packet | None) -> Task | None:
        """Work."""
        if packet is None:
            if self.pending is None:
                return self.system.wait_self()
            packet = self.pending
            self.pending = None
            return self.system.queue(packet)
        self.pending = packet
        return self.system.hold_self()


class Richards:
    """The scheduler."""

    def run(self) -> int:
        """Run it."""
        self.tasks: list[Task] = [None] * 6  # type: ignore[list-item]  # filled next
        self.first: Task | None = None
        self.queued = 0
        self.held = 0
        self.add(Idle, 1, 0, None)
        packet = Packet(None, 2, 2)
        packet = Packet(packet, 2, 2)
        self.add(Worker, 2, 1000, packet)
        packet = Packet(None, 5, 1)
        packet = Packet(packet, 5, 1)
        packet = Packet(packet, 5, 1)
        self.add(Handler, 3, 2000, packet)
        packet = Packet(None, 6, 1)
        packet = Packet(packet, 6, 1)
        packet = Packet(packet, 6, 1)
        self.add(Handler, 4, 3000, packet)
        self.add(Device, 5, 4000, None)
        self.add(Device, 6, 5000, None)
        self.schedule()
        return self.queued * 100_000 + self.held

    def add(self, kind: type[Task], index: int, priority: int, queue: Packet | None) -> None:
        """Make a task."""
        task = kind(self, index, priority, queue, self.first)
        task.set_up()
        self.first = task
        self.tasks[index - 1] = task

    def schedule(self) -> None:
        """Run tasks while any can run."""
        self.current = self.first
        while self.current is not None:
            if self.current.is_held_or_waiting():
                self.current = self.current.link
            else:
                self.current = self.current.run_next()

    def release(self, index: int) -> Task | None:
        """Let a task run again; answer the next one."""
        task = self.tasks[index - 1]
        task.is_held = False
        if task.priority > self.current.priority:  # type: ignore[union-attr]  # somebody runs
            return task
        return self.current

    def hold_self(self) -> Task | None:
        """Hold the running task; answer the next one."""
        self.held = self.held + 1
        self.current.is_held = True  # type: ignore[union-attr]  # somebody runs
        return self.current.link  # type: ignore[union-attr]  # the same

    def wait_self(self) -> Task | None:
        """Let the running task wait; answer the next one."""
        self.current.is_waiting = True  # type: ignore[union-attr]  # somebody runs
        return self.current

    def queue(self, packet: Packet) -> Task | None:
        """Send a packet to its owner; answer the next task."""
        task = self.tasks[packet.owner - 1]
        self.queued = self.queued + 1
        packet.link = None
        packet.owner = self.current.index  # type: ignore[union-attr]  # somebody runs
        return task.add(packet, self.current)  # type: ignore[arg-type]  # the same


def run() -> int:
    """Run the benchmark."""
    return Richards().run()
