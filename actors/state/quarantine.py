"""Quarantine and safe mode: what becomes of a session that its server dies of.

A process that dies in the midst of a session (`durability/running_mark.py`) may have died of it, and would again and
again. So each such death is counted in the session's stored meta, and forgotten when a run of the session comes to its
end. After some in a row the session is in quarantine: everything of it is kept, nothing of it is brought into memory,
its processes and stopped evaluations do not go on, and who asks is told why and which savepoints there are. Loading one
of those may help, and `restore_session` opens it:

| `safe_mode` | |
|---|---|
| true | without running anything: its processes and its stopped evaluation wait, breakpoints are ignored |
| false | as usual; also the way out of safe mode |

Both end the quarantine; safe mode lasts, over restarts too, until it is left. All here are pure functions of the meta.
"""

from typing import Any, Final

from ..clock import iso_timestamp
from ..limits import SERVER_LIMITS
from ..traffic.call import RefusedError

DEATHS_MAX: Final = SERVER_LIMITS["deaths_max"].value
#: Keys of a session's stored meta: how often the server died in its midst since a run of it ended;
DEATHS: Final = "deaths"
#: since when and why it is in quarantine;
QUARANTINE: Final = "quarantine"
#: whether it is in safe mode.
SAFE: Final = "safe_mode"
_REASON: Final = "The server died {} times in a row while it ran."

Meta = dict[str, Any]


def after_death(meta: Meta, now_ms: int) -> Meta:
    """Return the meta of a session in whose midst a process died."""
    deaths = meta.get(DEATHS, 0) + 1
    if deaths < DEATHS_MAX:
        return {**meta, DEATHS: deaths}
    return {**_without(meta, DEATHS, SAFE), QUARANTINE: {"at_ms": now_ms, "reason": _REASON.format(deaths)}}


def after_run(meta: Meta) -> Meta:
    """Return the meta of a session of which a run came to its end."""
    return _without(meta, DEATHS)


def opened(meta: Meta, *, is_safe: bool) -> Meta:
    """Return the meta of a session that is opened in safe mode or as usual."""
    kept = _without(meta, QUARANTINE, SAFE)
    return {**kept, SAFE: True} if is_safe else kept


def is_held(meta: Meta) -> bool:
    """Tell whether nothing of a session may go on by itself."""
    return QUARANTINE in meta or SAFE in meta


def mode(meta: Meta) -> Meta:
    """Return what clients are told of it: nothing of a session that is as usual."""
    told: Meta = {}
    if SAFE in meta:
        told["safe_mode"] = True
    if QUARANTINE in meta:
        told["quarantine"] = {
            "since": iso_timestamp(meta[QUARANTINE]["at_ms"]),
            "reason": meta[QUARANTINE]["reason"],
        }
    return told


def refusal(meta: Meta, savepoints: list[str]) -> RefusedError:
    """Return why a session in quarantine is not brought into memory.

    Args:
        meta: its stored meta.
        savepoints: names of its savepoints.
    """
    text = (
        f"The session is in quarantine: {meta[QUARANTINE]['reason']} Load a savepoint of it; restore_session with"
        " safe_mode true opens it without running anything, with false as usual."
    )
    return RefusedError("SessionError", text, {**mode(meta), "savepoints": savepoints})


def _without(meta: Meta, *names: str) -> Meta:
    return {name: value for name, value in meta.items() if name not in names}
