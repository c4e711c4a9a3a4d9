"""Every documented exchange, in every dialect and both codecs: request bytes in, reply bytes out.

A golden file holds one operation's exchanges: the request as the client writes it, what it must be read as, the
answer the server gives, and the reply as the client must get it. Bytes are made and read by encoders of our own
choice (the standard library's JSON), never by the code under test.
"""

import json
from pathlib import Path
from typing import Any

import msgpack
import pytest

from protocol import OPERATIONS, Dialect, Failure, decode, encode_failure, encode_result

GOLDEN = Path(__file__).parent / "golden"
WRITERS = {"json": lambda value: json.dumps(value).encode(), "messagepack": msgpack.packb}
READERS = {"json": json.loads, "messagepack": msgpack.unpackb}


def exchanges() -> list[Any]:
    """Every exchange of every file, with its timestamp, as test parameters."""
    found = []
    for path in sorted(GOLDEN.glob("*.json")):
        content = json.loads(path.read_text())
        for index, exchange in enumerate(content["exchanges"]):
            exchange["timestamp"] = content["timestamp"]
            found.append(pytest.param(exchange, id=f"{path.stem}-{index}-{exchange['dialect']}"))
    return found


@pytest.mark.parametrize("codec", ["json", "messagepack"])
@pytest.mark.parametrize("exchange", exchanges())
def test_an_exchange_reads_and_answers_as_documented(exchange: dict[str, Any], codec: str) -> None:
    request = decode(WRITERS[codec](exchange["request"]))
    expected = exchange["parsed"]
    assert (request.operation, request.parameters) == (expected["operation"], expected["parameters"])
    assert request.op_id == expected["op_id"]
    assert request.form.dialect is Dialect(exchange["dialect"])
    if "failure" in exchange:
        reply = encode_failure(request.form, Failure(**exchange["failure"]), exchange["timestamp"])
    else:
        reply = encode_result(request.form, request.operation, exchange["result"], exchange["timestamp"])
    assert READERS[codec](reply) == exchange["reply"]


def test_every_operation_has_its_golden_file_in_both_families() -> None:
    covered: dict[str, set[str]] = {}
    for parameter in exchanges():
        exchange: Any = parameter.values[0]
        covered.setdefault(exchange["parsed"]["operation"], set()).add(exchange["dialect"])
    assert covered.keys() == OPERATIONS.keys()
    assert all({"A", "A'", "B", "B0"} <= dialects for dialects in covered.values())
