"""From configuration file, environment and flags to `Settings`; the later of the three wins.

The file is TOML with the names of the table at its top level; lists are TOML arrays there and comma separated in the
environment and in flags. A setting nobody knows is an error, because a misspelt one would be silently without effect.
`python -m actors.commands.config` prints the page `docs/configuration.md`.
"""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import smalltalk

from ..errors import ConfigError
from ..limits import SERVER_LIMITS
from ..settings import ROWS, Row, Settings

_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off"})
#: What the environment variables of settings begin with.
_PREFIX: Final = "STUI_"
#: From which likeness on, from 0 to 1, a name is taken for a slip of the pen: two letters of ten.
_LIKENESS_MIN: Final = 0.8
_ROW_BY_NAME: Final = {row.name: row for row in ROWS}


def load(path: Path | None, environment: Mapping[str, str], flags: Mapping[str, Any]) -> Settings:
    """Merge the three sources over the defaults.

    Args:
        path: the configuration file, None for none.
        environment: variables; those that start with `STUI_` count.
        flags: values by setting name; None means not given.

    Raises:
        ConfigError: a source cannot be read, or a value is unknown, mistyped or out of bounds.
    """
    values: dict[str, Any] = {}
    for name, value in _read_file(path).items():
        values[name] = _checked(_known(name, str(path)), value, f"{path}: {name}")
    _check_variables(environment)
    for row in ROWS:
        if row.variable in environment:
            values[row.name] = _checked(row, _parsed(row, environment[row.variable]), row.variable)
    for name, value in flags.items():
        if value is not None:
            values[name] = _checked(_ROW_BY_NAME[name], _parsed(_ROW_BY_NAME[name], value), _ROW_BY_NAME[name].flag)
    return Settings(**values)


def _read_file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    import tomllib  # noqa: PLC0415 - most servers have no such file, and it takes a hundredth of a start

    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"Cannot read the configuration file {path}: {error.strerror}.") from error
    except ValueError as error:
        raise ConfigError(f"The configuration file {path} is not valid TOML: {error}.") from error


def _known(name: str, source: str) -> Row:
    row = _ROW_BY_NAME.get(name)
    if row is None:
        near = _nearest(name, _ROW_BY_NAME)
        way_out = f"did you mean {near}?" if near else f"the settings are {', '.join(_ROW_BY_NAME)}."
        raise ConfigError(f"{source} names an unknown setting '{name}'; {way_out}")
    return row


def _check_variables(environment: Mapping[str, str]) -> None:
    """Refuse variables that are almost those of settings; others may be meant for another program."""
    known = {row.variable.removeprefix(_PREFIX) for row in ROWS}
    for name in environment:
        rest = name.removeprefix(_PREFIX)
        if name.startswith(_PREFIX) and rest not in known:
            near = _nearest(rest, known)
            if near:
                raise ConfigError(f"The environment variable {name} is no setting; did you mean {_PREFIX}{near}?")


def _nearest(name: str, known: Iterable[str]) -> str | None:
    """Return which known name may be meant, None if none is near."""
    from difflib import get_close_matches  # noqa: PLC0415 - only mistakes need it, and all servers have to start

    return next(iter(get_close_matches(name, known, n=1, cutoff=_LIKENESS_MIN)), None)


def _parsed(row: Row, value: Any) -> Any:
    """Read a text from the environment or a flag as the row's type; leave what cannot be read to `_checked`."""
    if not isinstance(value, str):
        return value
    if row.kind is bool:
        return True if value.lower() in _TRUE else False if value.lower() in _FALSE else value
    if row.kind is tuple:
        return [part.strip() for part in value.split(",") if part.strip()]
    if row.kind in (int, float):
        try:
            return row.kind(value)
        except ValueError:
            return value
    return value


def _checked(row: Row, value: Any, source: str) -> Any:
    """Return the value as the row's type, or complain with the source named."""
    if row.kind is float and type(value) is int:
        value = float(value)
    if row.kind is tuple:
        return _checked_list(value, source)
    if row.kind not in (bool, int, float):
        # Empty is what no address is written as: a flag or the environment takes back what the file says.
        if not isinstance(value, str) or not (value or row.default == ""):
            raise ConfigError(f"{source} must be a text that is not empty, not {value!r}.")
        if row.bounds.choices and value not in row.bounds.choices:
            raise ConfigError(f"{source} must be one of {', '.join(row.bounds.choices)}, not '{value}'.")
        return value
    if type(value) is not row.kind:
        raise ConfigError(f"{source} must be {_kind_name(row)}, not {value!r}.")
    low, high = row.bounds.minimum, row.bounds.maximum
    # The comparison is written so that a NaN fails it.
    if low is not None and high is not None and not low <= value <= high:
        raise ConfigError(f"{source} must be between {low:,} and {high:,}, not {value:,}.")
    return value


def _checked_list(value: Any, source: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ConfigError(f"{source} must be a list of texts, not {value!r}.")
    return tuple(value)


def _kind_name(row: Row) -> str:
    names = {bool: "true or false", int: "a whole number", float: "a number", tuple: "a list of texts"}
    return names.get(row.kind, "a text")


_HEAD: Final = """\
# Configuration and limits

Generated by `make docs`; do not edit. This is the one page of every default and every limit: what an operator may set,
then what stands fixed in the server and in the language. The limits of messages are in
[the wire protocol](protocol.md#limits), the sizes of the store's pieces in [the store's format](store-format.md).

## Settings

From the table in `actors/settings.py`. A flag wins over the environment, the environment over the configuration file
(`--config FILE`, TOML, the names below at its top level).

SIGHUP makes a server that runs read file and environment again: what changes *at once* then does, the rest at its next
start.

| setting | flag | environment | type | default | limits | changes | meaning |
|---|---|---|---|---|---|---|---|
"""

_SERVER_HEAD: Final = """
## Limits of the server

From the table in `actors/limits.py`. Replies that tell of a limit (LimitExceeded, Overloaded) name it in `details` as
it is named here, among the settings or in the wire protocol; `describe` answers the values.

| limit | at most | reason |
|---|---|---|
"""

_LANGUAGE_HEAD: Final = """
## Limits of the language

From the constants in `smalltalk/`, each named by the module that defines it. Budgets are what holds where a setting or
a request does not say otherwise.

| limit | value | reason |
|---|---|---|
"""


def reference_page() -> str:
    """Write `docs/configuration.md` from the tables."""
    settings = "".join(f"{_reference_row(row)}\n" for row in ROWS)
    server = "".join(
        f"| `{name}` | {limit.value:,} {limit.unit} | {limit.reason} |\n" for name, limit in SERVER_LIMITS.items()
    )
    language = "".join(
        f"| `{limit.module}.{limit.name}` | {limit.value:,} | {limit.reason} |\n"
        for limit in smalltalk.language_limits()
    )
    return f"{_HEAD}{settings}{_SERVER_HEAD}{server}{_LANGUAGE_HEAD}{language}"


def _reference_row(row: Row) -> str:
    bounds = row.bounds
    limits = f"{bounds.minimum:,} to {bounds.maximum:,}" if bounds.minimum is not None else " or ".join(bounds.choices)
    default = (
        ", ".join(row.default) if row.kind is tuple else str(row.default).lower() if row.kind is bool else row.default
    )
    shown = f"`{default}`" if default != "" else ""
    changes = "at once" if row.is_reloaded else "at start"
    named = f"| `{row.name}` | `{row.flag}` | `{row.variable}` | {_kind_name(row)} | {shown} "
    return f"{named}| {limits} | {changes} | {bounds.doc} |"


if __name__ == "__main__":
    sys.stdout.write(reference_page())
