"""Restart intensity: how often a failing session may be brought back before it is left alone for a while.

Source: Erlang/OTP's supervisor, whose intensity and period these are; here as a pure function.
"""

from typing import Final

from ..limits import SERVER_LIMITS

#: First pause before a worker is replaced once more than `RESTARTS_MAX` died in a period.
_PAUSE_MS: Final = 50
_PAUSE_MS_MAX: Final = SERVER_LIMITS["restart_pause_ms_max"].value
RESTARTS_MAX: Final = SERVER_LIMITS["restarts_max"].value
#: The period in which failures are counted, in milliseconds.
PERIOD_MS: Final = 60_000


def may_restart(failures_ms: tuple[int, ...], now_ms: int) -> bool:
    """Tell whether something that failed at these times may be started again.

    Args:
        failures_ms: times of its failures, milliseconds, ascending.
        now_ms: the present on the same clock.
    """
    return len(recent_failures(failures_ms, now_ms)) <= RESTARTS_MAX


def recent_failures(failures_ms: tuple[int, ...], now_ms: int) -> tuple[int, ...]:
    """Return the failures that still count: those of the last period."""
    return tuple(at_ms for at_ms in failures_ms if now_ms - at_ms < PERIOD_MS)


def restart_pause_ms(failures_ms: tuple[int, ...], now_ms: int) -> int:
    """Return how long to wait before something that cannot be done without is started again.

    Nothing as often as `may_restart` allows; then a pause that doubles with every further failure, up to a bound.

    Args:
        failures_ms: times of its failures, milliseconds, ascending.
        now_ms: the present on the same clock.
    """
    excess = len(recent_failures(failures_ms, now_ms)) - RESTARTS_MAX
    return min(_PAUSE_MS_MAX, _PAUSE_MS << (excess - 1)) if excess > 0 else 0
