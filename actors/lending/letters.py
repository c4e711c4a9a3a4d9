"""What owners and the quarantine worker write to each other about a loan, and how that becomes bytes.

Between a process and the front a letter is `LOAN, other, verb, number, content`: the other is the owner's name on the
way between front and quarantine worker, and empty between owner and front. The number is the owner's.

| from | verb | content |
|---|---|---|
| owner | OFFER | an `Offer` |
| owner | INTERRUPT | empty: stop the evaluation, its answer comes home |
| owner | RECALL | empty: the owner ends, how far it came is wanted |
| owner | DROP | empty: end it where it stands, nothing is wanted of it |
| quarantine worker | HOME | a `Homecoming` |
| quarantine worker | PAUSED | an `Offer`: how far it came before it was recalled, or the quarantine worker ends |

Both contents are MessagePack of plain values. They never reach a disk or another machine.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgpack

from protocol import Failure
from storage import EncodedRecords

from ..traffic.call import Answer

OFFER: Final = b"offer"
INTERRUPT: Final = b"interrupt"
RECALL: Final = b"recall"
DROP: Final = b"drop"
HOME: Final = b"home"
PAUSED: Final = b"paused"
#: Bytes of a loan's number.
NUMBER_BYTES: Final = 8


class Offer(NamedTuple):
    """A session that is lent, or how far its evaluation came.

    Attributes:
        row: the session's row, see `SessionRow`.
        stopped: the evaluation to go on with, see `Stopped`.
        next_oid: the smallest object id not given yet.
        records: all its records, or those changed since it was lent: oid and encoded record in turns.
    """

    row: Sequence[Any]
    stopped: Mapping[str, Any]
    next_oid: int
    records: list[int | bytes]


class Homecoming(NamedTuple):
    """What came of a lent evaluation.

    Attributes:
        used_ns: processor time it used in all.
        answer: what the client is told; None if it met a defect, which the quarantine worker logged.
        history: its entry in the session's history, if it has one.
        events: what subscribers are told: `(name, data)`.
        next_oid: the smallest object id not given yet.
        records: those changed since it was lent: oid and encoded record in turns.
        due_ns: when the session's processes want to go on, nanoseconds since 1970; None for never.
        is_kept: whether its effects are kept; if not, the answer is a failure that says why.
    """

    used_ns: int
    answer: Answer | None
    history: dict[str, Any] | None
    events: list[tuple[str, dict[str, Any]]]
    next_oid: int
    records: list[int | bytes]
    due_ns: int | None
    is_kept: bool


def pack_offer(offer: Offer) -> bytes:
    """Return the bytes of an offer."""
    return _packed(offer)


def unpack_offer(content: bytes) -> Offer:
    """Return what `pack_offer` packed."""
    return Offer(*_unpacked(content))


def pack_homecoming(home: Homecoming) -> bytes:
    """Return the bytes of a homecoming."""
    is_failure = isinstance(home.answer, Failure)
    return _packed((is_failure, *home))


def unpack_homecoming(content: bytes) -> Homecoming:
    """Return what `pack_homecoming` packed."""
    is_failure, *fields = _unpacked(content)
    home = Homecoming(*fields)
    events = [(name, data) for name, data in home.events]
    answer = Failure(*home.answer) if is_failure else home.answer  # type: ignore[misc]  # a list of its fields
    return home._replace(answer=answer, events=events)


def encoded(flat: list[int | bytes]) -> EncodedRecords:
    """Return records for the store."""
    records = EncodedRecords()
    records.flat = flat
    return records


def _packed(values: Sequence[Any]) -> bytes:
    content: bytes = msgpack.packb(values, unicode_errors="surrogatepass")
    return content


def _unpacked(content: bytes) -> list[Any]:
    values: list[Any] = msgpack.unpackb(content, strict_map_key=False, unicode_errors="surrogatepass")
    return values
