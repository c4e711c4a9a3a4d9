"""Plain records and plain data <-> bytes (MessagePack).

Records come back as tuples, plain data (meta, history entries) as lists and dicts. What MessagePack lacks:

- integers beyond 64 bits: extension 1, two's complement, little endian;
- text with lone surrogates (a Smalltalk string may hold any code point): encoded as if they were characters.

NaN keeps its payload bits. Values nest some hundred levels deep (the encoder's limit, which the decoder keeps up
with); deeper ones are refused. A record is encoded on its own, so that folding and garbage marking move or walk bytes
without decoding more than they need.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, cast

import msgpack

from .changes import ClassRef, Meta, Oid, Record, Value
from .errors import RecordRefused

EXT_BIG_INTEGER = 1
"""Extension code of integers beyond 64 bits. Stored: never reused."""

REFERENCE_PARTS = 2
"""A reference is the only two-part tuple that starts with an integer: `(oid, class_ref)`."""

RUN_PARTS = 3
"""A run, references to consecutive ids, is the only three-part tuple that does: `(first oid, class_ref, count)`."""


def _pack_rest(value: object) -> msgpack.ExtType:
    """Encode what MessagePack has no form for."""
    if isinstance(value, int):
        size_bytes = value.bit_length() // 8 + 1
        return msgpack.ExtType(EXT_BIG_INTEGER, value.to_bytes(size_bytes, "little", signed=True))
    raise RecordRefused(
        f"A value of type {type(value).__name__} cannot be stored; use numbers, text, bytes and tuples."
    )


def _unpack_ext(code: int, data: bytes) -> int:
    """Decode an extension; an unknown one can only come from damage or a newer version."""
    if code != EXT_BIG_INTEGER:
        message = f"unknown extension {code}"
        raise ValueError(message)
    return int.from_bytes(data, "little", signed=True)


# One reusable encoder each: making one costs more than a record. The strict one is faster; the other is for surrogates.
_PACKER = msgpack.Packer(default=_pack_rest)
_SURROGATE_PACKER = msgpack.Packer(default=_pack_rest, unicode_errors="surrogatepass")
_encode: Callable[[object], bytes] = _PACKER.pack
_encode_surrogates: Callable[[object], bytes] = _SURROGATE_PACKER.pack

_REFUSALS: Final = (ValueError, TypeError, OverflowError)
"""What an encoder raises. `UnicodeEncodeError`, a `ValueError`, is for lone surrogates, which the other one takes."""


def pack(value: object) -> bytes:
    """Encode plain data.

    Raises:
        RecordRefused: a value is not plain, too large (4 GB) or nested too deeply.
    """
    try:
        try:
            return _encode(value)
        except UnicodeEncodeError:
            return _encode_surrogates(value)
    except _REFUSALS as error:
        raise RecordRefused(f"A value cannot be stored: {error}.") from error


def unpack(content: bytes) -> Any:
    """Decode plain data of checked bytes; sequences become lists."""
    return msgpack.unpackb(content, ext_hook=_unpack_ext, unicode_errors="surrogatepass", strict_map_key=False)


def unpack_without(content: bytes, place: int) -> list[list[Any]]:
    """Decode checked bytes that hold a list of lists of plain data; in each the list at that place becomes empty.

    What is passed over becomes no objects, which is most of what decoding takes.
    """
    stream = msgpack.Unpacker(max_buffer_size=len(content), unicode_errors="surrogatepass")
    stream.feed(content)
    rows: list[list[Any]] = []
    for _ in range(stream.read_array_header()):
        count = stream.read_array_header()
        row = [stream.unpack() for _ in range(place)]
        stream.skip()
        rows.append([*row, [], *(stream.unpack() for _ in range(place + 1, count))])
    return rows


def unpack_tuples(content: bytes) -> Any:
    """Decode plain data of checked bytes; sequences become tuples."""
    return msgpack.unpackb(
        content, use_list=False, ext_hook=_unpack_ext, unicode_errors="surrogatepass", strict_map_key=False
    )


def pack_record(record: Record) -> bytes:
    """Encode one object's record; `RecordRefused` if it is outside the grammar in `contract.py`."""
    return pack(record)


class EncodedRecords:
    """Records that are encoded, one after the other: a commit of very many has nothing to do with each of them.

    Attributes:
        flat: oid and encoded record in turns.
    """

    __slots__ = ("flat",)

    def __init__(self) -> None:
        self.flat: list[Oid | bytes] = []

    def __len__(self) -> int:
        return len(self.flat) // 2

    def add(self, oid: Oid, record: Record) -> None:
        """Encode a record; `RecordRefused` if it is outside the grammar in `contract.py`."""
        self.flat += (oid, pack(record))

    def piece(self, values: list[Value]) -> bytes:
        """Encode some of the values that follow each other in a payload."""
        return pack(values)[len(_PACKER.pack_array_header(len(values))) :]

    def add_long(self, oid: Oid, ref: ClassRef, slots: tuple[Value, ...], count: int, pieces: Sequence[bytes]) -> None:
        """Add a record whose payload of so many values was encoded in pieces."""
        head = pack((ref, slots, ()))[:-1]  # an empty payload takes one byte
        self.flat += (oid, b"".join((head, _PACKER.pack_array_header(count), *pieces)))

    def oids(self) -> list[Oid]:
        """Return the ids."""
        return cast("list[Oid]", self.flat[::2])

    def bounds(self) -> tuple[Oid, Oid] | None:
        """Return the lowest and the highest id, None without any."""
        oids = self.oids()
        return (min(oids), max(oids)) if oids else None

    def contents(self) -> list[bytes]:
        """Return the encoded records."""
        return cast("list[bytes]", self.flat[1::2])


def encoded_records(records: Sequence[tuple[Oid, Record]] | EncodedRecords) -> EncodedRecords:
    """Return records encoded, as they may be already; `RecordRefused` if one is outside the grammar."""
    if isinstance(records, EncodedRecords):
        return records
    encoded, plain = EncodedRecords(), records
    flat = encoded.flat
    try:
        for oid, record in plain:  # a commit of a thousand sessions has thousands of them, so no call for each but one
            flat += (oid, _encode(record))
    except _REFUSALS:
        flat.clear()
        for oid, record in plain:
            encoded.add(oid, record)
    return encoded


def unpack_record(content: bytes) -> Record:
    """Decode one object's record from checked bytes."""
    return cast("Record", unpack_tuples(content))


def plain_copy(meta: Meta) -> dict[str, Any]:
    """Return plain data as it would come back from the store."""
    return cast("dict[str, Any]", unpack(pack(meta)))


def references(content: bytes) -> Iterator[Oid]:
    """Iterate over the ids of all objects an encoded record refers to, classes included, repeats included."""
    class_ref, slots, payload = unpack_record(content)
    if type(class_ref) is int:
        yield class_ref
    pending = [value for value in slots if type(value) is tuple]
    if type(payload) is tuple:
        pending += [value for value in payload if type(value) is tuple]
    while pending:
        value = pending.pop()
        if len(value) >= REFERENCE_PARTS and type(value[0]) is int:
            oid, class_ref, count = value if len(value) == RUN_PARTS else (*value, 1)
            yield from range(oid, oid + count)
            if type(class_ref) is int:
                yield class_ref
        else:
            pending += [part for part in value if type(part) is tuple]
