"""What front and workers write to each other: the frames of their messages, without the routing id in front.

| from | frames | meaning |
|---|---|---|
| front | batch | requests: of each the head, which is number, mark, and key of its connection, and the body |
| front | empty, GONE, key | the peer of a connection is gone |
| both | empty, CLAIM, key, client, token | a connection created or restored a session |
| front | empty, STOP | end in good order |
| front | empty, LENDING, `1` or `0` | there is a quarantine worker now, or none |
| front | empty, ORPHANED, name | to the quarantine worker: a worker is dead, and nobody waits for what it lent |
| both | empty, LOAN, ... | about a lent session, see `lending/letters.py`; the front carries it |
| worker | batch | of each reply the number of its request, or of the request that began a subscription, and the body |
| worker | empty, HELLO, clients | the worker serves; the clients of its shards that are not at home there, in JSON |
| worker | empty, ELSEWHERE, number | the request means the anonymous session, which another worker has |
| worker | empty, BYE | nothing comes any more |

A number names a request to one worker; it is never used again. The mark tells whether the client's envelope ends in the
empty delimiter. What a tick has for a worker goes in one frame, a batch, because a frame of its own costs each message
as much as reading all of a small request, and a message of its own wakes four threads.
"""

from collections.abc import Iterator
from struct import Struct
from typing import Final

from ..limits import SERVER_LIMITS

GONE: Final = b"gone"
CLAIM: Final = b"claim"
STOP: Final = b"stop"
HELLO: Final = b"hello"
ELSEWHERE: Final = b"elsewhere"
BYE: Final = b"bye"
LENDING: Final = b"lending"
ORPHANED: Final = b"orphaned"
LOAN: Final = b"loan"
#: What LENDING says.
OPEN: Final = b"1"
CLOSED: Final = b"0"
#: The mark of a request whose envelope ends in the empty delimiter, as those of REQ sockets do, and of one without.
DELIMITED: Final = b"d"
BARE: Final = b"b"
#: Bytes of a request's number.
NUMBER_BYTES: Final = 8
#: Before each pair of a batch: the lengths of its two parts, each less than 4 GB as every message is.
_LENGTHS: Final = Struct(">II")
_BATCH_PAIRS_MAX: Final = SERVER_LIMITS["batch_pairs_max"].value
_BATCH_BYTES_MAX: Final = SERVER_LIMITS["batch_bytes_max"].value


class Batch:
    """Pairs of a number or head and a body, on their way into one frame."""

    __slots__ = ("_count", "_parts", "_size_bytes")

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._count = self._size_bytes = 0

    def __bool__(self) -> bool:
        return bool(self._parts)

    def add(self, first: bytes, second: bytes) -> bool:
        """Take a pair in; tell whether the batch is to be sent before the tick's end."""
        self._parts += (_LENGTHS.pack(len(first), len(second)), first, second)
        self._count += 1
        self._size_bytes += len(second)
        return self._count >= _BATCH_PAIRS_MAX or self._size_bytes >= _BATCH_BYTES_MAX

    def take(self) -> bytes:
        """Return the frame and be empty again."""
        frame = b"".join(self._parts)
        self._parts.clear()
        self._count = self._size_bytes = 0
        return frame


def pairs_of(frame: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the pairs of a batch in the order in which they were added."""
    at, end = 0, len(frame)
    while at < end:
        first_length, second_length = _LENGTHS.unpack_from(frame, at)
        second_at = at + _LENGTHS.size + first_length
        yield frame[at + _LENGTHS.size : second_at], frame[second_at : (at := second_at + second_length)]


def head_frame(number: int, envelope: list[bytes], connection: bytes) -> bytes:
    """Return the head of a request.

    Args:
        number: of the request.
        envelope: the client's; empty for a request of the front's own.
        connection: key of the connection it came over.
    """
    mark = BARE if envelope and envelope[-1] else DELIMITED
    return number.to_bytes(NUMBER_BYTES, "big") + mark + connection


def parts_of_head(head: bytes) -> tuple[list[bytes], bytes]:
    """Return the envelope that a worker uses in place of the client's, and the key of the connection."""
    number, mark = head[:NUMBER_BYTES], head[NUMBER_BYTES : NUMBER_BYTES + 1]
    return [number, b""] if mark == DELIMITED else [number], head[NUMBER_BYTES + 1 :]


def number_of(frame: bytes) -> int:
    """Return the number that a frame holds."""
    return int.from_bytes(frame, "big")
