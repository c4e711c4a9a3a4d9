"""Structured logs on stderr: one event a line, for people or as JSON.

No line is written on the path of a request that goes well: a line costs as much as a quarter of the request. What makes
the lines (`loglines.py`) is loaded with the first one, because loading it takes a fifth of a server's start, and a
server that starts after a crash is waited for. stdout belongs to the one line that says where the server listens.
"""

import logging
import sys
from typing import Any


class _PlainLines:
    """Writes lines as they are, while what makes them cannot be loaded: no line is worth the server's end."""

    def __init__(self, name: str) -> None:
        self._name = name

    def _write(self, event: str, **about: Any) -> None:
        sys.stderr.write(f"[{self._name}] {event} {about}\n")

    info = warning = error = exception = _write


class Logger:
    """Writes the lines of one part of the server. `about` says more, as fields of the line."""

    __slots__ = ("_name", "_written")

    def __init__(self, name: str) -> None:
        self._name = name
        self._written: Any = None

    @property
    def _lines(self) -> Any:
        if self._written is None:
            try:
                from .loglines import structured_logger  # noqa: PLC0415 - see the module's text
            except (OSError, ImportError):  # a flood of connections may have left no descriptor to load it with
                return _PlainLines(self._name)
            self._written = structured_logger(self._name)
        return self._written

    def info(self, event: str, **about: Any) -> None:
        """Tell what an operator may want to know."""
        self._lines.info(event, **about)

    def warning(self, event: str, **about: Any) -> None:
        """Tell what an operator should look at."""
        self._lines.warning(event, **about)

    def error(self, event: str, **about: Any) -> None:
        """Tell what went wrong; `exc_info` adds an exception."""
        self._lines.error(event, **about)

    def exception(self, event: str, **about: Any) -> None:
        """Tell what went wrong, with the exception that is being handled."""
        self._lines.exception(event, **about)


class _Formatter(logging.Formatter):
    """Makes the text of lines; what it needs for that is loaded with the first one."""

    def __init__(self, log_format: str) -> None:
        super().__init__()
        self._log_format = log_format
        self._made: logging.Formatter | None = None

    def format(self, record: logging.LogRecord) -> str:
        """Return the text of a line."""
        if self._made is None:
            from .loglines import new_formatter  # noqa: PLC0415 - see the module's text

            self._made = new_formatter(self._log_format)
        return self._made.format(record)


def configure(log_format: str, log_level: str) -> None:
    """Set up logging for the whole process: ours by structlog, the libraries' (pykka) through the same output.

    Args:
        log_format: `console` or `json`.
        log_level: least severe level shown.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter(log_format))
    logging.basicConfig(handlers=[handler], level=log_level.upper(), force=True)
    # pykka tells every start and stop of an actor at debug level, and formats the line before it looks at the level.
    logging.getLogger("pykka").setLevel(logging.WARNING)


def set_level(log_level: str) -> None:
    """Show lines from another level on."""
    logging.getLogger().setLevel(log_level.upper())


def new_logger(name: str) -> Logger:
    """Return the logger of one part of the server."""
    return Logger(name)
