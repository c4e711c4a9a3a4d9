"""The pooled actor: a pykka actor without a thread of its own.

Its class is a subclass of pykka's `Actor` with another inbox; refs, `tell`, `ask`, proxies and the hooks are pykka's
own. A dispatcher gives it turns on the worker's loop. It costs 3 KB instead of a thread's three memory maps, and
starts in 20 us.

What becomes of exceptions is pykka's rule: one raised while handling an `ask` goes to the caller; one raised while
handling a `tell` stops the actor after `on_failure`; one in `on_start` leaves a dead ref, which is why whoever starts
an actor shakes hands with it (`start_pooled`). No BaseException may leave `on_receive`, because pykka then stops
every actor of the process.
"""

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from pykka import Actor, ActorRef, Future, ThreadingFuture

from .inbox import NO_BOUND, DrainedError, PooledInbox

if TYPE_CHECKING:
    from .dispatcher import Dispatcher


class _Ended:
    """Whether an actor has ended: what pykka has a `threading.Event` for. Nobody waits for it, and that takes 1 KB."""

    __slots__ = ("_is_set",)

    def __init__(self) -> None:
        self._is_set = False

    def is_set(self) -> bool:
        """Tell whether it has."""
        return self._is_set

    def set(self) -> None:
        """Note that it has."""
        self._is_set = True


class PooledActor(Actor):
    """An actor that a dispatcher runs.

    Thread: the loop runs every hook and `on_receive`; none of them may block.
    """

    _create_actor_inbox = staticmethod(PooledInbox)
    actor_inbox: PooledInbox

    def __init__(self, dispatcher: "Dispatcher", **arguments: Any) -> None:
        super().__init__(**arguments)
        self.actor_stopped = self.actor_ref.actor_stopped = _Ended()  # type: ignore[assignment]  # see there
        self._dispatcher = dispatcher
        self._is_set_up = False

    @staticmethod
    def _create_future() -> Future[Any]:
        return ThreadingFuture()

    def _start_actor_loop(self) -> None:
        """Take the place of pykka's start of a thread."""
        schedule = partial(self._dispatcher.schedule, self)
        self.actor_inbox.schedule = schedule
        schedule()

    def take_turn(self, messages_max: int) -> None:
        """Handle up to so many messages; get back in line if more wait. Thread: the loop."""
        inbox = self.actor_inbox
        if not self._is_set_up:
            self._is_set_up = True
            self._actor_loop_setup()
        inbox.allow(messages_max)
        try:  # noqa: SIM105 - suppress makes three calls, and every request has such a turn
            self._actor_loop_running()
        except DrainedError:
            pass
        if self.actor_stopped.is_set():
            inbox.close()
            inbox.allow(NO_BOUND)
            self._actor_loop_teardown()
        elif not inbox.rest():
            self._dispatcher.schedule(self)


A = TypeVar("A", bound=PooledActor)


def start_pooled(actor_class: type[A], dispatcher: "Dispatcher", **arguments: Any) -> ActorRef[A]:
    """Start an actor and shake hands: when this returns, its `on_start` has run.

    Raises:
        RuntimeError: `on_start` failed, the actor is dead; the log says why.
    """
    ref: ActorRef[A] = actor_class.start(dispatcher=dispatcher, **arguments)
    dispatcher.run()
    if not ref.is_alive():
        raise RuntimeError(f"{actor_class.__name__} failed while starting")
    return ref
