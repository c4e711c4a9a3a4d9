"""What front and worker write to each other: pairs of bytes on a stream (`stream.py`).

| from | first | second | meaning |
|---|---|---|---|
| front | head: number, mark, key of the connection | body | a request |
| front | empty | letter: GONE, key | the peer of a connection is gone |
| both | empty | letter: CLAIM, key, client, token | a connection created or restored a session |
| front | empty | letter: STOP | end in good order |
| front | empty | letter: LENDING, `1` or `0` | there is a quarantine worker now, or none |
| front | empty | letter: ORPHANED, name | to the quarantine worker: nobody waits for what a dead worker lent |
| both | empty | letter: LOAN, ... | about a lent session, see `lending/letters.py`; the front carries it |
| worker | number | body | a reply to a request, or an event of the subscription that it began |
| worker | empty | letter: HELLO, name, clients | it serves; the clients of its shards not at home there, in JSON |
| worker | empty | letter: ELSEWHERE, number | the request means the anonymous session, which another has |
| worker | empty | letter: FIGURES, figures | of the quarantine worker: its health, in JSON, some times a second |
| worker | empty | letter: BYE | nothing comes any more |

A number names a request to one worker; it is never used again. The mark tells whether the client's envelope ends in the
empty delimiter. A letter is some frames, each after its length.
"""

from struct import Struct
from typing import Final

GONE: Final = b"gone"
CLAIM: Final = b"claim"
STOP: Final = b"stop"
HELLO: Final = b"hello"
ELSEWHERE: Final = b"elsewhere"
FIGURES: Final = b"figures"
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
#: Before each frame of a letter.
_LENGTH: Final = Struct(">I")


def letter(*frames: bytes) -> bytes:
    """Return a letter of some frames."""
    return b"".join(_LENGTH.pack(len(frame)) + frame for frame in frames)


def frames_of(written: bytes) -> list[bytes]:
    """Return the frames of a letter."""
    frames = []
    at = 0
    while at < len(written):
        begin = at + _LENGTH.size
        at = begin + _LENGTH.unpack_from(written, at)[0]
        frames.append(written[begin:at])
    return frames


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
