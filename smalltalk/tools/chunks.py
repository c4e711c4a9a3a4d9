"""Chunk files, the format of Smalltalk-80: reading and writing.

    file      = { chunk | "!" directive }
    chunk     = text "!"                   an expression, evaluated; an exclamation mark inside it is doubled
    directive = Name ["class"] "methodsFor:" 'protocol' [...] "!" { method "!" } blank "!"
              | Name ["class"] "commentStamp:" ... "!" comment "!"
              | Name ["class"] "reorganize" "!" headings "!"      passed over: methods name their protocols
              | expression "!"

Source: Goldberg and Robson, Smalltalk-80: the interactive programming environment, on file-in and file-out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ..runtime.definitiontexts import definition_of, quoted
from .filed import FiledClass, FiledComment, FiledExpression, FiledMethod

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .filed import Filed

_CHUNK: Final = re.compile(r"((?:[^!]++|!!)*+)(?:!(?!!)|\Z)")
_DIRECTIVE: Final = re.compile(
    r"(\w+)(\s+class(?:Trait|Side)?)?\s+(methodsFor|commentStamp|reorganize):?\s*(?:#?'((?:[^']|'')*)')?"
)


class _Chunks:
    """The chunks of a text, one after the other."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._counted = 0
        self._line = 1

    def is_at_directive(self) -> bool:
        """Whether an exclamation mark stands next; it is taken."""
        while self._position < len(self._text) and self._text[self._position].isspace():
            self._position += 1
        if not self._text.startswith("!", self._position):
            return False
        self._position += 1
        return True

    def is_at_end(self) -> bool:
        """Whether no chunk is left."""
        return self._position >= len(self._text)

    def take(self) -> tuple[str, int, int]:
        """Take the next chunk: its text without blanks around it, and the line and column where that begins."""
        match = _CHUNK.match(self._text, self._position)
        assert match is not None  # it matches anything
        raw = match[1]
        start = self._position + len(raw) - len(raw.lstrip())
        self._line += self._text.count("\n", self._counted, start)
        self._counted = start
        self._position = match.end()
        return raw.strip().replace("!!", "!"), self._line, start - self._text.rfind("\n", 0, start)


def read_chunks(text: str) -> Iterator[Filed]:
    """Iterate over what a chunk file defines, in its order."""
    chunks = _Chunks(text)
    while not chunks.is_at_end():
        is_directive = chunks.is_at_directive()
        code, line, column = chunks.take()
        match = _DIRECTIVE.match(code) if is_directive else None
        if match is not None:
            yield from _directed(chunks, match)
        elif code:
            yield FiledExpression(code, line, column)


def _directed(chunks: _Chunks, match: re.Match[str]) -> Iterator[Filed]:
    """The definitions that follow a directive."""
    name, side, directive, argument = match.groups()
    if directive == "reorganize":
        chunks.take()
        return
    if directive == "commentStamp":
        text, line, _ = chunks.take()
        yield FiledComment(name, text, line)
        return
    category = argument.replace("''", "'") if argument else None
    while not chunks.is_at_end():
        source, line, column = chunks.take()
        if not source:
            return
        yield FiledMethod(name, side is not None, source, category, line, column)


def write_chunks(definitions: Iterable[Filed]) -> str:
    """Write a chunk file: classes first, so that every method finds the classes that it names."""
    filed = list(definitions)
    classes = [each for each in filed if isinstance(each, FiledClass)]
    methods = [each for each in filed if isinstance(each, FiledMethod)]
    texts = [text for each in classes for text in _class_chunks(each)]
    texts += [_method_chunks(each) for each in methods]
    return "\n\n".join(texts) + "\n" if texts else ""


def _class_chunks(filed: FiledClass) -> Iterator[str]:
    """The chunks that define a class."""
    text = definition_of(
        filed.name,
        filed.superclass,
        kind=filed.kind,
        variables=filed.instance_variables,
        class_variables=filed.class_variables,
        pools=filed.pools,
        uses=filed.uses or "{}",
        package=filed.category,
    )
    yield _bang(text)
    if filed.class_uses is not None:
        yield _bang(f"{filed.name} class uses: {filed.class_uses}")
    if filed.class_side_variables:
        yield _bang(f"{filed.name} class instanceVariableNames: '{' '.join(filed.class_side_variables)}'")
    if filed.comment:
        yield f"!{filed.name} commentStamp: '' prior: 0!\n{_bang(filed.comment)}"


def _method_chunks(filed: FiledMethod) -> str:
    """The chunks that define a method."""
    directive = _bang(f"{filed.holder} methodsFor: {quoted(filed.category or '')}")
    return f"!{directive}\n{_bang(trimmed(filed.source))} !"


def _bang(text: str) -> str:
    """A chunk with its end."""
    return text.replace("!", "!!") + "!"


def trimmed(source: str) -> str:
    """Code without blanks at its end; one that is a character literal is kept from those who trim by a period."""
    code = source.rstrip()
    return f"{code} ." if code.endswith("$") and len(code) < len(source) else code
