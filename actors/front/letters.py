"""What front and workers write to each other: the frames of their messages, without the routing id in front.

| from | frames | meaning |
|---|---|---|
| front | head, body | a request; its head is the number, the mark, and the key of its connection |
| front | empty, GONE, key | the peer of a connection is gone |
| both | empty, CLAIM, key, client, token | a connection created or restored a session |
| front | empty, STOP | end in good order |
| worker | number, body | the reply of a request, or an event of the subscription it began |
| worker | empty, HELLO, clients | the worker serves; the clients of its shards that are not at home there, in JSON |
| worker | empty, ELSEWHERE, number | the request means the anonymous session, which another worker has |
| worker | empty, BYE | nothing comes any more |

A number names a request to one worker; it is never used again. The mark tells whether the client's envelope ends in the
empty delimiter. Few frames and one of a head, because a frame costs as much as reading all of a small request.
"""

from typing import Final

GONE: Final = b"gone"
CLAIM: Final = b"claim"
STOP: Final = b"stop"
HELLO: Final = b"hello"
ELSEWHERE: Final = b"elsewhere"
BYE: Final = b"bye"
#: The mark of a request whose envelope ends in the empty delimiter, as those of REQ sockets do, and of one without.
DELIMITED: Final = b"d"
BARE: Final = b"b"
#: Bytes of a request's number.
NUMBER_BYTES: Final = 8


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
