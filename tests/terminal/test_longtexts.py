"""Long values and transcripts are read on in pages, from what the reply brought or from the session's String."""

import pytest

from terminal.longtexts import PAGE_CHARS
from tests.terminal.debug_answers import FINISHED, STOPPED
from tests.terminal.fake_server import ANSWERS


def answer(**changes):
    return {**ANSWERS["evaluate"], **changes}


def page(text, total):
    return {"text": text, "offset": 0, "total": total, "session_id": "session_1"}


def read_offsets(server):
    return [each.parameters["offset"] for each in server.requests if each.operation == "read_text"]


def test_a_long_value_is_read_on_to_its_end(server, table):
    text = "".join(chr(ord("a") + number % 26) for number in range(2 * PAGE_CHARS + 5))
    server.script["evaluate"].append(answer(result=text))
    seen = table.play("long", ":more", ":more", ":more").splitlines()
    assert [seen[0], seen[2], seen[4]] == [text[:PAGE_CHARS], text[PAGE_CHARS : 2 * PAGE_CHARS], text[-5:]]
    assert seen[1] == f"... {PAGE_CHARS + 5} more characters: :more"
    assert seen[5] == "there is no more"
    assert read_offsets(server) == []


def test_of_a_value_that_the_server_cut_the_whole_is_read(server, table):
    whole = {"result": {"object_id": "77", "size": PAGE_CHARS + 3}}
    server.script["evaluate"].append(answer(result="x" * PAGE_CHARS + "... (3 more characters)", whole=whole))
    server.script["read_text"].append(page("end", PAGE_CHARS + 3))
    assert table.play("long", ":more").endswith("x\n... 3 more characters: :more\nend\n")
    assert read_offsets(server) == [PAGE_CHARS]


def test_the_note_of_a_short_cut_is_no_part_of_the_value(server, table):
    """A server may be set to answer less than a page."""
    whole = {"result": {"object_id": "77", "size": 203}}
    server.script["evaluate"].append(answer(result="x" * 200 + "... (3 more characters)", whole=whole))
    server.script["read_text"].append(page("end", 203))
    assert table.play("long", ":more").endswith("end\n")
    assert read_offsets(server) == [200]


def test_a_long_string_is_read_on_where_its_own_characters_go_on(server, table):
    """The text of a String has a quote before it, and each quote in it twice; the whole is the String itself."""
    whole = {"result": {"object_id": "i:7", "size": PAGE_CHARS * 2}}
    server.script["evaluate"].append(answer(result="'" + "''" * PAGE_CHARS + "... (9 more characters)", whole=whole))
    server.script["read_text"].append(page("'", PAGE_CHARS * 2))
    table.play("long", ":more")
    assert read_offsets(server) == [PAGE_CHARS // 2]


def test_the_next_code_and_another_session_leave_nothing_to_read_on(server, table):
    for line in ("3 + 4", ":new", ":restore 1"):
        server.script["evaluate"].append(answer(result="x" * PAGE_CHARS * 2))
        assert table.play("long", line, ":more").endswith("there is no more\n")


def test_a_transcript_that_was_cut_is_read_from_its_beginning(server, table):
    whole = {"transcript": {"object_id": "78", "size": 12}}
    server.script["evaluate"].append(answer(transcript="... (6 characters before this)\nending", whole=whole))
    server.script["read_text"].append(page("beginning", 12))
    assert table.play("loud", ":more transcript").endswith("7\nbeginning\n... 3 more characters: :more transcript\n")
    assert read_offsets(server) == [0]


@pytest.mark.parametrize(
    ("line", "operation", "usual"),
    [(":proceed", "debug", FINISHED), (":step", "debug", STOPPED), (":test", "run_tests", ANSWERS["run_tests"])],
)
def test_a_transcript_of_whatever_runs_code_is_read_from_its_beginning(server, table, line, operation, usual):
    async def scene(shell, _screen):
        await shell.handle(":debug")
        whole = {"transcript": {"object_id": "78", "size": 12}}
        server.script[operation].append({**usual, "transcript": "... (6 before)\nending", "whole": whole})
        server.script["read_text"].append(page("beginning", 12))
        await shell.handle(line)
        await shell.handle(":more transcript")

    assert "beginning\n... 3 more characters: :more transcript" in table.play(scene=scene)
    assert read_offsets(server) == [0]


def test_what_more_does_not_know_is_said(table):
    assert "what was written" in table.play(":more please")
