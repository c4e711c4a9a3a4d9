"""The recorded walk through the debugger is what the console shows.

Goal: an error five calls deep waits through SIGKILL, is opened, looked at, changed, and goes on to the right answer.
Method: play the walk on a real server, and compare with the page in the documents, which people read.
"""

from pathlib import Path

import pytest

from tests.terminal.walk import page

RECORD = Path(__file__).resolve().parents[2] / "docs" / "debugger-walk.md"


@pytest.mark.system
def test_the_walk_in_the_documents_is_what_happens():
    played = page()
    assert "{#ann->20. #ben->40. #eve->21}" in played
    assert played == RECORD.read_text("utf-8")
