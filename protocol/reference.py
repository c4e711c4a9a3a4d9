"""Generates ``docs/protocol.md`` from the tables: ``python -m protocol.reference > docs/protocol.md``.

A test holds the file to what is generated here.
"""

import re
import sys
from collections.abc import Iterable, Sequence

from .dialects.detection import DIALECT_DOCS
from .dialects.rust import PROTOCOL_VERSION
from .errors import ERROR_TYPES
from .limits import LIMITS
from .operations.events import EVENTS
from .operations.later import LATER_NAMES
from .operations.model import COMMON_ERRORS, Field, Operation, Parameter
from .operations.table import OPERATIONS
from .requests import SKIMMED_BYTES_MAX

_HEAD = f"""\
# The wire protocol, version {PROTOCOL_VERSION}

Generated from the tables in `protocol/` by `make docs`; do not edit.

## Messages

ZeroMQ over TCP; the server is a ROUTER. A request is one frame, and every frame, garbage too, gets exactly one reply
frame. REQ clients get their empty delimiter back; DEALER clients may leave it out, may have many requests in flight,
and, without the delimiter, receive the events they subscribed to on the same socket.

A frame is JSON in UTF-8 or MessagePack, told apart by its first byte (ASCII, or 0xEF of a byte-order mark: JSON), and
is answered in kind. JSON that begins with a byte-order mark is refused. A refusal is in the request's dialect, with
its `id`, wherever these can be made out, also when a text or a number of the message cannot be read; else it is in
dialect B without `id`, as is that of an unreadable message over {SKIMMED_BYTES_MAX:,} bytes or `containers_max`.

| dialect | recognised by |
|---|---|
"""

_SHAPES = """
```
A   {"id": uuid, "version": "1.0.0", "timestamp": iso, "payload": {"type": "Request",
       "data": {"request_type": "Evaluate", "params": {...}}}}
    -> {"id": same, "version": "1.0.0", "timestamp": iso, "payload": {"type": "Response",
       "data": {"response_type": "Evaluate", "data": {...}}}}
    -> ... {"response_type": "Error", "data": {"code", "message", "details", "stack_trace"?}}
A'  {"request_type": "Evaluate", "params": {...}} -> {"response_type": "Evaluate", "data": {...}}
B   {"id": any, "command": "evaluate", "parameters": {...}}
    -> {"id": same, "status": "success", "result": {...}, "timestamp": iso}
    -> {"id": same, "status": "error", "error": text, "error_type": type, "details": {...}, "timestamp": iso,
       "stack_trace"?}
B0  as B without id
B'  {"id"?, "command": "evaluate", "client_id": ..., ...parameters} -> as B, with client_id at top level
event {"event": name, "session_id": text, "seq": integer, "data": {...}, "timestamp": iso}, in every dialect
```

- Either spelling of an operation's name is good in every dialect.
- Unknown parameters are ignored. `null` counts as absent.
- In A the reply's `id` is the request's when that is a UUID, else a UUID made from the request's bytes. A `version`
  other than 1.x is UnsupportedVersion. Details are texts: what is not text is written as JSON. Counts are integers
  from 0, results are text.
- In B an `id` may be any value; it is only echoed, and only if one was sent.

## Values

| value | JSON | MessagePack |
|---|---|---|
| integer over 64 bits | itself, in and out | decimal text |
| integer over `integer_bits_max` in a reply | text in radix 16, `16rFF...` | the same |
| NaN, Infinity, `1e999` in a request | refused, field named | refused, field named |
| NaN, Infinity in a reply | `null` | itself |
| lone surrogate in a request | refused, field named | not UTF-8, refused |
| lone surrogate in a reply | U+FFFD | U+FFFD |
| binary, extension values, keys that are not text | - | refused, field named |
| `007`, a bare `-`, `1.`, control characters in strings | 7, 0, 1.0, themselves | - |
| duplicate keys | the last one counts | the last one counts |

## Exactly once

An operation marked *changes state* takes `op_id`, among the parameters or beside them at top level; two that differ
are InvalidRequest. In A the envelope's `id` serves when there is none. A repeat within the client's last 1,000
operations gets the stored reply, in its own dialect and codec, and runs nothing; the same key with other parameters
is InvalidRequest. Ids of dialect B are no keys.

An evaluation that the server's end (SIGTERM) finds in its middle is stored and goes on after the next start by itself,
within what is left of its budget. With a key it is not answered before it is done: a repeat joins it, or gets its
answer. Without one it is answered Interrupted with its `context_id`; the history and `evaluation` events tell its end.

"""


def reference_page() -> str:
    """Return the whole page as Markdown."""
    dialects = "".join(f"| {dialect.value} | {doc} |\n" for dialect, doc in DIALECT_DOCS.items())
    return "".join(
        (
            _HEAD,
            dialects,
            _SHAPES,
            "## Errors\n\n",
            f"Every operation may answer {', '.join(COMMON_ERRORS)}; what else each may answer stands with it.\n\n",
            _table(("error_type (B)", "code (A)", "when"), ((name, *each) for name, each in ERROR_TYPES.items())),
            "\n## Limits\n\n",
            _table(
                ("limit", "at most", "reason"),
                ((f"`{name}`", f"{each.value:,} {each.unit}", each.reason) for name, each in LIMITS.items()),
            ),
            "\n## Events\n\n",
            _table(("event", "when", "data"), ((f"`{name}`", *each) for name, each in EVENTS.items())),
            "\n## Operations\n\n",
            _table(("operation", ""), (_index_row(each) for each in OPERATIONS.values())),
            *(_operation(each) for each in OPERATIONS.values()),
            "\n## Of later versions\n\n",
            "Known names, answered with UnsupportedOperation: ",
            ", ".join(f"`{name}`" for name in sorted(LATER_NAMES) if name.islower()),
            ".\n",
        )
    )


def _index_row(operation: Operation) -> tuple[str, str]:
    """Return the link to an operation's section, and the first clause of what it does."""
    anchor = f"{operation.name}--{operation.rust_name.lower()}"
    return f"[`{operation.name}`](#{anchor})", re.split("[.;:]", operation.doc)[0]


def _operation(operation: Operation) -> str:
    """Return one operation's section."""
    changes = ", changes state" if operation.mutates else ""
    head = f"\n### `{operation.name}` / {operation.rust_name}\n\n{operation.doc}\n\n"
    facts = f"Scope: {operation.scope.value}{changes}. Since {operation.since}.\n"
    errors = f"\nErrors: {', '.join(operation.errors)}.\n" if operation.errors else ""
    return head + facts + _alternatives(operation) + _parameters(operation) + _fields(operation.returns) + errors


def _alternatives(operation: Operation) -> str:
    """Return the sentence on parameters that exclude each other."""
    if not operation.alternatives:
        return ""
    groups = " or ".join(" and/or ".join(f"`{name}`" for name in group) for group in operation.alternatives)
    return f"Exactly one of: {groups}.\n"


def _parameters(operation: Operation) -> str:
    """Return the table of parameters."""
    rows = [_parameter(each, "yes") for each in operation.required]
    rows += [_parameter(each, "") for each in operation.optional]
    return "\n" + _table(("parameter", "required", "type", ""), rows) if rows else ""


def _parameter(parameter: Parameter, required: str) -> tuple[str, ...]:
    """Return one parameter's row."""
    names = ", ".join(f"`{name}`" for name in (parameter.name, *parameter.aliases))
    return names, required, parameter.kind.label, parameter.doc


def _fields(fields: Sequence[Field]) -> str:
    """Return the table of the result's fields."""
    rows = [
        (
            f"`{field.name}`" + (f" (A: `{field.rust_name}`)" if field.rust_name else ""),
            field.type + "?" * field.is_optional,
            field.doc,
        )
        for field in fields
    ]
    return "\n" + _table(("result", "type", ""), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    sys.stdout.write(reference_page())
