"""The one table of events: what a subscriber may ask to hear, when it comes and what it carries."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple


class EventKind(NamedTuple):
    """When an event is sent, and its data."""

    doc: str
    data: str


EVENTS: Final[Mapping[str, EventKind]] = MappingProxyType(
    {
        "transcript": EventKind("what code of the session wrote is durable", "{text}"),
        "evaluation": EventKind(
            "an evaluation, a file in, a run of tests or an operation of the debugger has ended and is durable",
            "{code, result, execution_time, has_error}, as in `history`; {state: suspended or finished}; context_id of "
            "what waits, or did before",
        ),
        "session": EventKind(
            "the session's life changed",
            "{state: restored, updated, closed, hibernated, or due when retention is over}",
        ),
        "progress": EventKind(
            "`run_tests` goes on: when it begins, then at most ten times a second, and when all tests have run",
            "{operation, done, total, class, selector}; without the last two at the end",
        ),
    }
)
