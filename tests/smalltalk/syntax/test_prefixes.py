"""Broken source at every length: each prefix of our own source files is read, or refused with a place and advice.

The prefixes are a sample; its seed is printed, `STUI_PREFIX_SEED` replays it and `STUI_PREFIXES` asks for more.
"""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from smalltalk.compiler.errors import SemanticFailure
from smalltalk.compiler.unit import compile_doit
from smalltalk.kernel import library_sources
from smalltalk.runtime.scopes import DoitScope
from smalltalk.syntax.errors import SyntaxFailure
from smalltalk.syntax.parser import parse_doit, parse_method, parse_notices
from smalltalk.syntax.shape import shape
from smalltalk.syntax.tonel import read_tonel
from tests.smalltalk.harness import new_world

if TYPE_CHECKING:
    from collections.abc import Callable

SEED = int(os.environ.get("STUI_PREFIX_SEED", random.SystemRandom().randrange(2**32)))
#: Prefixes of each sample: all of them together take some seconds.
PREFIXES = int(os.environ.get("STUI_PREFIXES", "250"))
#: Our own Smalltalk: the class library and the snippets of the tests.
TESTS = Path(__file__).parents[2]
SOURCES = sorted(library_sources().values()) + [path.read_text() for path in sorted(TESTS.rglob("*.st"))]


@pytest.fixture
def chance() -> random.Random:
    print("seed", SEED)  # noqa: T201 - so that a failure can be replayed
    return random.Random(SEED)


def prefixes(chance: random.Random, texts: list[str]) -> list[str]:
    """Answer beginnings of texts, the whole ones among them now and then."""
    chosen = chance.choices(texts, weights=[len(text) for text in texts], k=PREFIXES)
    return [text[: chance.randrange(len(text) + 1)] for text in chosen]


def methods() -> list[str]:
    """The methods of the class library, each with its pattern."""
    return [
        method.source
        for text in library_sources().values()
        for section in read_tonel(text)
        for method in section.methods
    ]


def check(read: Callable[[str], object], source: str) -> None:
    """Read a source; a refusal says where and what to do, and nothing else is raised."""
    failure = failure_of(read, source)
    if failure is None:
        return
    assert 0 <= failure.start <= len(source)
    assert 0 <= failure.position <= len(source)
    assert failure.line >= 1
    assert failure.column >= 1
    assert failure.message
    assert failure.suggestion or isinstance(failure, SemanticFailure)


def failure_of(read: Callable[[str], object], source: str) -> SyntaxFailure | SemanticFailure | None:
    """Answer how a source is refused, None when it is read."""
    try:
        read(source)
    except (SyntaxFailure, SemanticFailure) as failure:
        return failure
    return None


def test_prefixes_of_files_are_read_as_tonel_or_refused(chance: random.Random) -> None:
    for source in prefixes(chance, SOURCES):
        check(read_tonel, source)


def test_prefixes_of_files_are_do_its_or_refused(chance: random.Random) -> None:
    for source in prefixes(chance, SOURCES):
        check(parse_doit, source)
        check(shape, source)
        parse_notices(source, is_method=False)


def test_prefixes_of_methods_are_methods_or_refused(chance: random.Random) -> None:
    for source in prefixes(chance, methods()):
        check(parse_method, source)
        parse_notices(source, is_method=True)


def test_prefixes_of_methods_compile_as_do_its_or_are_refused(chance: random.Random) -> None:
    """Whatever parses, the compiler accepts or refuses as well. Compiling takes longer: a part of the sample does."""
    scope = DoitScope(new_world())
    for source in prefixes(chance, methods())[: PREFIXES // 4]:
        check(lambda text: compile_doit(text, scope, parametrise=False), source)


def test_pieces_of_methods_put_together_are_read_or_refused(chance: random.Random) -> None:
    """A beginning of one method and an end of another one: brackets and quotes that never belonged together."""
    texts = methods()
    for head, tail in zip(prefixes(chance, texts), prefixes(chance, texts), strict=True):
        check(parse_method, head + tail[len(tail) // 2 :])
