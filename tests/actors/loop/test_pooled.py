"""Pooled actors: pykka's behaviour without threads."""

import threading

import pytest
from pykka import ActorDeadError

from actors.loop.dispatcher import MESSAGES_PER_TURN, Dispatcher
from actors.loop.pooled import PooledActor, start_pooled
from actors.loop.wakeup import new_wakeup


class Recorder(PooledActor):
    def __init__(self, dispatcher, log):
        super().__init__(dispatcher)
        self.log = log

    def on_start(self):
        self.log.append("start")

    def on_stop(self):
        self.log.append("stop")

    def on_failure(self, *_error):
        self.log.append("failure")

    def on_receive(self, message):
        if isinstance(message, Exception):
            raise message
        self.log.append(message)
        return message


class Unstartable(PooledActor):
    def on_start(self):
        raise ValueError("no")


@pytest.fixture
def dispatcher():
    wakeup = new_wakeup()
    yield Dispatcher(wakeup)
    wakeup.close()


@pytest.fixture
def log():
    return []


@pytest.fixture
def ref(dispatcher, log):
    ref = start_pooled(Recorder, dispatcher, log=log)
    yield ref
    ref.stop(block=False)
    dispatcher.run()


def test_starting_shakes_hands(ref, log):
    assert log == ["start"]


def test_messages_are_handled_in_order_by_the_loop(dispatcher, ref, log):
    for number in range(5):
        ref.tell(number)
    assert log == ["start"]
    dispatcher.run()
    assert log == ["start", 0, 1, 2, 3, 4]


def test_an_ask_is_answered(dispatcher, ref):
    future = ref.ask(7, block=False)
    dispatcher.run()
    assert future.get(timeout=0) == 7


def test_one_actor_does_not_keep_the_loop(dispatcher, ref, log):
    other = start_pooled(Recorder, dispatcher, log=log)
    for number in range(MESSAGES_PER_TURN + 1):
        ref.tell(number)
    other.tell("other")
    dispatcher.run()
    assert log.index("other") < log.index(MESSAGES_PER_TURN)
    other.stop(block=False)
    dispatcher.run()


def test_an_exception_while_asked_goes_to_the_caller(dispatcher, ref):
    future = ref.ask(KeyError("x"), block=False)
    dispatcher.run()
    with pytest.raises(KeyError):
        future.get(timeout=0)
    assert ref.is_alive()


def test_an_exception_while_told_stops_the_actor(dispatcher, ref, log):
    ref.tell(KeyError("x"))
    dispatcher.run()
    assert not ref.is_alive()
    assert log == ["start", "failure"]


def test_an_actor_that_cannot_start_is_told(dispatcher):
    with pytest.raises(RuntimeError, match="Unstartable"):
        start_pooled(Unstartable, dispatcher)


def test_stopping_answers_what_waits(dispatcher, ref, log):
    ref.stop(block=False)
    waiting = ref.ask("late", block=False)
    dispatcher.run()
    with pytest.raises(ActorDeadError):
        waiting.get(timeout=0)
    assert log == ["start", "stop"]


def test_an_ask_that_races_the_stop_is_answered(dispatcher, ref):
    inbox = ref.actor_inbox
    ref.stop(block=False)
    dispatcher.run()
    # The asker saw a living actor and puts its message only now.
    ref.actor_stopped = type(ref.actor_stopped)()
    late, stop = ref.ask("late", block=False), ref.stop(block=False)
    ref.actor_stopped.set()
    assert inbox.empty()
    with pytest.raises(ActorDeadError):
        late.get(timeout=0)
    assert stop.get(timeout=0) is True


def test_another_thread_wakes_the_loop(log):
    wakeup = new_wakeup()
    dispatcher = Dispatcher(wakeup)
    ref = start_pooled(Recorder, dispatcher, log=log)
    woken = threading.Event()
    wakeup.set, original = lambda: (original(), woken.set()), wakeup.set
    thread = threading.Thread(target=ref.tell, args=("hello",))
    thread.start()
    thread.join()
    assert woken.is_set()
    dispatcher.run()
    assert log == ["start", "hello"]
    ref.stop(block=False)
    dispatcher.run()
    wakeup.close()
