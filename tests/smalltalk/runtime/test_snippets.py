"""Every snippet file through generated code: what it prints is what stands beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.smalltalk.harness import evaluate, read_snippets, snippet_files

if TYPE_CHECKING:
    from pathlib import Path

    from smalltalk.runtime.world import World


@pytest.mark.parametrize("path", snippet_files(), ids=lambda path: path.stem)
def test_every_snippet_prints_what_stands_beside_it(world: World, path: Path) -> None:
    answers = {snippet.line: (evaluate(world, snippet.source), snippet.expected) for snippet in read_snippets(path)}
    assert {line: got for line, (got, want) in answers.items() if got != want} == {}, {
        line: want for line, (got, want) in answers.items() if got != want
    }
