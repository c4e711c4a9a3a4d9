"""How long a place in the workforce stays empty: not at all, until too many died in it."""

from actors.sessions.restart import PERIOD_MS, RESTARTS_MAX, restart_pause_ms


def test_the_first_deaths_of_a_period_cost_nothing():
    assert restart_pause_ms((), 0) == 0
    assert restart_pause_ms(tuple(range(RESTARTS_MAX)), RESTARTS_MAX) == 0


def test_then_the_pause_doubles_up_to_a_bound():
    pauses = [restart_pause_ms(tuple(range(RESTARTS_MAX + more)), 100) for more in range(1, 8)]
    assert pauses == [50, 100, 200, 400, 800, 1_000, 1_000]


def test_deaths_of_an_earlier_period_are_forgotten():
    assert restart_pause_ms(tuple(range(50)), PERIOD_MS + 50) == 0
