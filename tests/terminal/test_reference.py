"""The console's page says what the console does."""

from pathlib import Path

from terminal.reference import page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "console.md"


def test_the_page_is_what_the_tables_make():
    assert PAGE.read_text("utf-8") == page(), "run `make docs`"
