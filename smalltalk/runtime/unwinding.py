"""Python exceptions that carry control through frames; they are never errors of the language.

| exception      | raised by                                    | caught by                              |
|----------------|----------------------------------------------|----------------------------------------|
| NonLocalReturn | `^` in a block                               | the method whose Home it names         |
| HandlerExit    | the end of a handler, `return:`, `retry`     | the `on:do:` whose handler it names    |
| SignalExit     | `resume:`, `resignalAs:`                     | the `signal` that it names             |
| Termination    | an unhandled error, an interrupt, the budget | the evaluation                         |

`ensure:` and `ifCurtailed:` run their blocks for these and for Python's own `Exception`s (defects of a primitive),
never for other BaseExceptions such as greenlet's GreenletExit: a dropped evaluation runs no more user code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from .objects import Home


class Unwinding(BaseException):
    """Control on its way to an outer frame."""


class NonLocalReturn(Unwinding):
    """`^ value` in a block: the method activation that owns `home` answers `value`."""

    def __init__(self, home: Home, value: Any) -> None:
        self.home = home
        self.value = value


class HandlerExit(Unwinding):
    """The `on:do:` with the handler record `target` answers `value`, or starts again with `protected`."""

    def __init__(self, target: object, value: Any, protected: Callable[[], Any] | None = None) -> None:
        self.target = target
        self.value = value
        self.protected = protected


class SignalExit(Unwinding):
    """The `signal` with the record `target` answers `value`, or what signalling `replacement` there answers."""

    def __init__(self, target: object, value: Any, replacement: Any = None) -> None:
        self.target = target
        self.value = value
        self.replacement = replacement


class Termination(Unwinding):
    """The evaluation ends here; what became of it stands in the evaluation's `failure`."""
