"""The documents' examples are run; pages made from tables in the code are up to date."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from actors.clock import SystemClock
from actors.running.host import LanguageHost
from smalltalk import Image
from tests.compiled_kernel import compiled_kernel

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"```smalltalk\n(.*?)```", re.DOTALL)
EXAMPLE = re.compile(r'(.*?)\n"=> (.*?)"\n', re.DOTALL)


PAGES = [page for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")] if FENCE.search(page.read_text())]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_example_prints_what_stands_below_it(page: Path) -> None:
    kernel, _ = compiled_kernel()
    image = Image.create(kernel, LanguageHost(SystemClock()))
    fences = FENCE.findall(page.read_text())
    assert not "".join(EXAMPLE.sub("", fence) for fence in fences), "nothing stands below"
    examples = [pair for fence in fences for pair in EXAMPLE.findall(fence)]
    for code, wanted in examples:
        outcome = image.evaluate(code, tool_id=None, display=False, evaluation=image.begin())
        assert outcome.failure is None, (code, outcome.failure)
        assert outcome.result == wanted, code


@pytest.mark.parametrize(
    ("module", "page"),
    [("protocol.reference", "docs/protocol.md"), ("actors.commands.config", "docs/configuration.md")],
)
def test_a_generated_page_is_what_its_table_makes(module: str, page: str) -> None:
    made = subprocess.run([sys.executable, "-m", module], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert (ROOT / page).read_text() == made, "run `make docs`"


def test_links_between_pages_lead_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
