"""What every dialect's request comes down to, before anything of it is checked.

A plain tuple, because one is made for every request:

| part | content |
|---|---|
| operation | what the client sent as the operation's name; any value |
| field | where it sent it, for errors |
| parameters | what it sent as parameters; any value, ``None`` for none |
| op_id | what it sent as ``op_id`` beside the parameters instead of among them; any value, ``None`` for none |
| key | the envelope's id in lower case, where the dialect makes it a key of exactly-once |
"""

from typing import Any, TypeAlias

Call: TypeAlias = tuple[Any, str, Any, Any, str | None]
