"""Every limit of the wire, named, with its unit and its reason.

A frame that breaks a limit is answered with ``LimitExceeded``; a parameter outside its own bounds (which the
operation table states, partly by these names) with ``InvalidRequest``. `describe` shows this table and the
reference page prints it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

_MIB: Final = 1024 * 1024


class Limit(NamedTuple):
    """One bound: the largest value allowed, what is counted, and why it is there."""

    value: int
    unit: str
    reason: str


LIMITS: Final[Mapping[str, Limit]] = MappingProxyType(
    {
        "message_bytes_max": Limit(
            10 * _MIB, "bytes", "the documented size of the largest message, in both directions"
        ),
        "transport_bytes_max": Limit(
            64 * _MIB,
            "bytes",
            "where the socket drops the connection; a frame between the two limits still gets its answer",
        ),
        "envelope_frames_max": Limit(
            8, "frames", "a REQ client sends 2, CORRELATE makes it 3, each proxy adds 1; nobody needs more"
        ),
        "envelope_bytes_max": Limit(
            8 * 255, "bytes", "it goes back before the reply; a routing id of ZeroMQ has at most 255 bytes"
        ),
        "nesting_depth_max": Limit(
            64, "levels", "a client's layout state nests about 10 deep; bounds the recursion of every walk over a value"
        ),
        "list_items_max": Limit(100_000, "items", "one list must be checked within a few milliseconds"),
        "object_keys_max": Limit(10_000, "keys", "keys are interned and hashed; no documented object has 50"),
        "containers_max": Limit(
            100_000,
            "lists and objects",
            "an empty list takes 3 bytes on the wire and 64 in memory: bounds that blow-up to 10 MB",
        ),
        "string_chars_max": Limit(4 * _MIB, "characters", "leaves room for escapes and the envelope in one message"),
        "integer_digits_max": Limit(
            4_300, "digits", "reading a decimal integer takes quadratic time; Python's own default bound"
        ),
        "integer_bits_max": Limit(
            14_284, "bits", "what fits integer_digits_max in a reply; longer ones leave as text in radix 16 (16rFF...)"
        ),
        "reply_id_bytes_max": Limit(
            1_024, "bytes", "an id may be any value; it goes back with every reply, even where nothing else fits"
        ),
        "operation_name_chars_max": Limit(100, "characters", "a misspelt name is compared with every known one"),
        "name_chars_max": Limit(256, "characters", "ids and names are keys of tables, of memory and of logs"),
        "token_chars_max": Limit(8_192, "characters", "signed tokens carry claims; proxies of the web allow 8 KB too"),
        "code_chars_max": Limit(
            _MIB, "characters", "a do-it is typed by a person, a class takes a few KB; bounds what the parser is given"
        ),
        "page_items_max": Limit(1_000, "items", "a page of history or children must fit a screen, not the memory"),
        "inspect_depth_max": Limit(
            20, "levels", "the documented default is 5; a page of children fills up long before"
        ),
        "timeout_ms_max": Limit(3_600_000, "ms", "an evaluation of more than an hour is a mistake in the unit"),
    }
)
