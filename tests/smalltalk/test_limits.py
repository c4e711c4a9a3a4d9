"""The table of the language's limits is what its modules define."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import smalltalk
from smalltalk import LanguageLimit, language_limits
from smalltalk.runtime import limits
from smalltalk.syntax import lexer

ROOT = Path(smalltalk.__file__).parent
#: How a module defines a public limit that is a number; texts and floats (bounds of ranges) are none.
DEFINED = re.compile(r"^([A-Z]\w*_MAX)(?:: Final)? = [0-9][^.\n]*$", re.MULTILINE)


def test_every_public_limit_is_in_the_table_with_its_value() -> None:
    rows = {(limit.module, limit.name): limit.value for limit in language_limits()}
    defined = {
        (".".join(path.relative_to(ROOT).with_suffix("").parts), name)
        for path in ROOT.rglob("*.py")
        for name in DEFINED.findall(path.read_text(encoding="utf-8"))
    }
    assert len(defined) > 50
    assert defined <= rows.keys()
    assert rows["runtime.limits", "RECURSION_FRAMES_MAX"] == limits.RECURSION_FRAMES_MAX
    assert rows["syntax.lexer", "TOKENS_MAX"] == lexer.TOKENS_MAX


@pytest.mark.parametrize("limit", language_limits(), ids=lambda limit: f"{limit.module}.{limit.name}")
def test_each_limit_gives_its_reason(limit: LanguageLimit) -> None:
    """A limit without a comment, or with one that breaks the page's table, fails here."""
    assert limit.reason.endswith(".")
    assert "|" not in limit.reason


def test_budgets_stand_in_the_table_though_their_names_are_no_bounds() -> None:
    assert (
        LanguageLimit(
            "GRACE_BUDGET_MS",
            "runtime.limits",
            limits.GRACE_BUDGET_MS,
            "CPU time of the `ensure:` blocks of a stopped evaluation: enough to close things, too little to live on.",
        )
        in language_limits()
    )
