"""What an image's processes do while nobody's evaluation runs, and how they come back when it is restored.

A process that goes on by itself, because it is ready or sleeps until a time, hangs from the image's root; one that
waits at a semaphore hangs from that, and is forgotten with it. Before each delta the stacks of the processes that ran
are captured as contexts, so a process goes on where it stood when its last slice was committed, also in another
process of the operating system. What cannot be captured (a primitive in the middle of its work) goes on as long as the
image lives and ends with a notice after a restore.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .runtime import current
from .runtime.capture import capture
from .runtime.lives import READY
from .runtime.transcript import ending

if TYPE_CHECKING:
    from collections.abc import Callable

    from .memory.heap import Heap
    from .memory.root import Root
    from .runtime.world import World


class Background:
    """The processes of one image, for its owner.

    Args:
        world: theirs.
        heap: where they are stored.
        root: what holds those that go on by themselves.
        is_held: whether those stay as they are stored, for a later restore to let go on.
    """

    def __init__(self, world: World, heap: Heap, root: Root, *, is_held: bool) -> None:
        self._world = world
        self._heap = heap
        self._scheduled = root.scheduled
        self._held = list(self._scheduled.processes) if is_held else []
        if self._scheduled.processes and not is_held:
            world.processes().restore(self._scheduled.processes)

    def due_ns(self) -> int | None:
        """Return when a process can go on, in nanoseconds since 1970: 0 for now, None for never by itself."""
        processes = self._world.processes_if_any
        if processes is None:
            return None
        current.world = self._world
        return 0 if processes.has_ready() else processes.next_wake_ns()

    def run(self, is_over: Callable[[], bool]) -> None:
        """Let processes run until `is_over`, or none can go on."""
        current.world = self._world
        self._world.processes().run_background(is_over)

    def news(self) -> str:
        """Return what processes wrote since they were asked last; the next evaluation's transcript holds it too."""
        return ending(self._world.transcript.news(), self._world.host.bounds.transcript_chars)

    def tell(self, text: str) -> None:
        """Write a line to the Transcript that no process wrote: what became of them."""
        self._world.transcript.append(f"{text}\n")

    def stop(self) -> int:
        """Terminate the processes that are ready; return how many those were. Their unwinding blocks are evaluated."""
        processes = self._world.processes_if_any
        current.world = self._world
        return 0 if processes is None else processes.terminate_ready()

    @property
    def holds_uncaptured(self) -> bool:
        """Whether processes have stacks with values that no context holds."""
        processes = self._world.processes_if_any
        return processes is not None and processes.lives.holds_uncaptured()

    def close(self) -> None:
        """Give up the stacks of all processes: the image ends."""
        processes = self._world.processes_if_any
        if processes is not None:
            processes.lives.close()
            # Both refer to it.
            del processes.lives, processes.aside
            self._world.processes_if_any = None

    def save(self) -> None:
        """Let the next delta hold what processes did: their stacks, and who goes on by itself."""
        processes = self._world.processes_if_any
        if processes is not None:
            current.world = self._world
            processes.capture(capture)
            going = processes.scheduled()
            held = [each for each in self._held if _is_scheduled(each) and all(each is not other for other in going)]
            self._scheduled.become([*held, *going], self._heap.mark)


def _is_scheduled(process: Any) -> bool:
    """Whether a process, as it is stored, goes on by itself: it is ready, or sleeps until a time."""
    return process.i3 is READY or type(process.i5) is int
