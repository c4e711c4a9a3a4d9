"""A worker stands still when its last tick is too long ago."""

from actors.front.beats import Beats, idle_sleep_ms, is_stuck


def test_each_worker_writes_its_own_time():
    beats, now_ns = Beats(3), iter((5, 9))
    beat = beats.beater(1, lambda: next(now_ns))
    beat()
    beats.beat(2, 7)
    assert [beats.last_ns(each) for each in range(3)] == [0, 5, 7]
    beat()
    assert beats.last_ns(1) == 9


def test_too_long_is_what_the_operator_says_and_never_if_nothing():
    assert not is_stuck(0, 10_000_000_000, 10)
    assert is_stuck(0, 10_000_000_001, 10)
    assert not is_stuck(0, 10**18, 0)


def test_an_idle_worker_beats_several_times_before_it_would_be_taken_for_stuck():
    assert [idle_sleep_ms(watchdog_s) for watchdog_s in (0, 10, 1, 0.001)] == [1_000, 1_000, 250, 1]
