"""The house's style rules, as far as a machine can hold them: sizes, docstrings, names that say nothing."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("protocol", "smalltalk", "storage", "actors", "terminal", "bench")
#: Past these, something wants its own room (design: aim at 120 and 5-15).
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}


def sources() -> Iterator[Path]:
    """Every Python file of the product and its benchmarks."""
    for room in ROOMS:
        yield from sorted((ROOT / room).rglob("*.py"))


def label(path: Path) -> str:
    """The path as a test id."""
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", list(sources()), ids=label)
def test_a_file_is_short_documented_and_named_by_a_noun(path: Path) -> None:
    text = path.read_text()
    tree = ast.parse(text)
    assert text.count("\n") <= FILE_LINES_MAX, "split this file: one concept each"
    assert path.stem not in EMPTY_NAMES, "name the file by what it holds"
    assert not text.strip() or ast.get_docstring(tree), "a file opens with a docstring"
    long = [
        f"{node.name} at line {node.lineno}"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno > FUNCTION_LINES_MAX
    ]
    assert not long, f"functions over {FUNCTION_LINES_MAX} lines: {long}"


@pytest.mark.parametrize("path", sorted((ROOT / "smalltalk" / "kernel").glob("*.st")), ids=label)
def test_a_kernel_file_is_short_and_opens_with_a_comment(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= FILE_LINES_MAX * 2, "split this topic"
    assert text.startswith('"'), "a kernel file opens with a comment that says what it holds"


MAP = "| about | modules |"
MAPPED = [path.parent for path in (ROOT / "actors").rglob("__init__.py") if MAP in path.read_text()]


def test_the_server_room_has_maps() -> None:
    assert ROOT / "actors" in MAPPED
    assert len(MAPPED) > 1


@pytest.mark.parametrize("folder", MAPPED, ids=label)
def test_a_folder_with_a_map_says_where_each_of_its_files_belongs(folder: Path) -> None:
    """The server's room is large: who looks for the place of a change finds it in the text of its packages."""
    rows = [line for line in (folder / "__init__.py").read_text().splitlines() if line.startswith("| ")]
    listed = [name.strip() for row in rows[1:] for name in row.split("|")[2].split(",")]
    inside = [path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()]
    assert sorted(listed) == sorted(set(inside) - {"__init__"})
