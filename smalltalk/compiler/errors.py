"""What the compiler says about source that parses but means nothing."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

from ..syntax.advice import advice_on_declaring, advice_on_name
from ..syntax.errors import line_and_column

if TYPE_CHECKING:
    from collections.abc import Iterable


#: Characters of the source that an error's text quotes: a name, or the beginning of an expression.
_EXCERPT_MAX: Final = 60

#: How alike names are proposed, from 0 to 1: difflib's own default.
_LIKENESS_MIN: Final = 0.6

#: Pairs of characters that one search for near names compares: 20 ms for ordinary names, 60 ms for the worst there are.
#: Nothing else runs meanwhile, and whoever makes an error chooses the names.
_PAIRS_MAX: Final = 250_000


class SemanticFailure(Exception):  # noqa: N818 - the twin of the parser's SyntaxFailure
    """A name or a size that the language does not allow.

    Attributes:
        message: what is wrong, one sentence.
        start, position: 0-based offset of the first character concerned.
        stop: offset one past the last.
        line: 1-based line of `start`.
        column: 1-based column of `start`.
        suggestion: the way out, or None.
    """

    def __init__(self, message: str, source: str, start: int, stop: int, suggestion: str | None = None) -> None:
        self.message = message
        self.start = self.position = start
        self.stop = stop
        self.line, self.column = line_and_column(source, start)
        self.suggestion = suggestion
        advice = f" ({suggestion})" if suggestion else ""
        super().__init__(
            f"line {self.line} column {self.column}: {message}: {source[start:stop][:_EXCERPT_MAX]}{advice}"
        )


def nearest_names(name: str, known: Iterable[str]) -> str | None:
    """A sentence that proposes the known names most like `name`, or None when none is close.

    Source: difflib's ratio. Of very many or very long names only the first in order are compared.
    """
    compared, pairs = [], 0
    for each in sorted(set(known)):
        # Those whose lengths differ too much cannot be alike, and cost nothing.
        if 2 * min(len(name), len(each)) >= _LIKENESS_MIN * (len(name) + len(each)):
            pairs += len(name) * len(each)
            if pairs > _PAIRS_MAX:
                break
            compared.append(each)
    close = difflib.get_close_matches(name, compared, n=3, cutoff=_LIKENESS_MIN)
    return f"did you mean {' or '.join(close)}?" if close else None


def advice_on_unknown(name: str, known: Iterable[str]) -> str:
    """A sentence on an undeclared name: what it is called here, else the names most like it, else how to declare it."""
    alike = (each for each in known if _may_be_meant(name, each))
    return advice_on_name(name) or nearest_names(name, alike) or advice_on_declaring(name)


def _may_be_meant(name: str, known: str) -> bool:
    """Whether a name may be a slip of the pen for a known one: a variable hardly is for the name of a class."""
    return name[0].isupper() == known[0].isupper() or name.casefold() == known.casefold()
