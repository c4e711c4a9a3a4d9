"""Texts that are too long for a reply are cut, say so, and can be read to their end: now, later, after a restart."""

from dataclasses import replace

import pytest

CHARS = 300


@pytest.fixture
def server(make_server, smalltalk):
    return make_server(make_engine=smalltalk, result_chars=CHARS, transcript_chars=CHARS)


def whole(client, told, name):
    """Read the whole of a text that was cut, page by page."""
    text, place = "", told["whole"][name]
    while len(text) < place["size"]:
        page = client.result(
            "read_text", session_id=told["session_id"], object_id=place["object_id"], offset=len(text), count=250
        )
        assert (page["offset"], page["total"]) == (len(text), place["size"])
        assert 0 < len(page["text"]) <= 250
        text += page["text"]
    return text


def test_a_result_that_is_too_long_is_cut_and_read_in_pages(client):
    token = client.create()
    told = client.result("evaluate", code="(1 to: 500) asArray", session_id=token)
    full = f"#({' '.join(map(str, range(1, 501)))})"
    assert told["result"] == f"{full[:CHARS]}... ({len(full) - CHARS} more characters)"
    assert told["whole"]["result"]["size"] == len(full)
    assert whole(client, told, "result") == full


def test_the_whole_is_there_after_a_restart(server):
    client = server.client()
    token = client.create()
    told = client.result("evaluate", code="(1 to: 500) asArray", session_id=token, evaluation_mode="Display")
    server.restart()
    again = server.client()
    assert whole(again, told, "display") == whole(again, told, "result") == f"#({' '.join(map(str, range(1, 501)))})"


def test_of_a_long_string_the_whole_is_the_string_itself(client):
    token = client.create()
    told = client.result("evaluate", code="s := String new: 700 withAll: $b", session_id=token)
    assert told["whole"] == {"result": {"object_id": told["object_id"], "size": 700}}
    assert whole(client, told, "result") == "b" * 700


def test_the_end_of_a_long_transcript_is_told_and_all_of_it_can_be_read(client):
    token = client.create()
    code = "1 to: 400 do: [:i | Transcript show: i printString; show: ' ']. 1/0"
    failed = client.ask("evaluate", code=code, session_id=token)
    full = "".join(f"{n} " for n in range(1, 401))
    details = failed["details"]
    assert details["transcript"] == f"... ({len(full) - CHARS} characters before this)\n{full[-CHARS:]}"
    assert whole(client, {**details, "session_id": token}, "transcript") == full


def test_what_is_short_says_nothing_of_a_whole(client):
    token = client.create()
    assert "whole" not in client.result("evaluate", code="Transcript show: 'a'. 'b'", session_id=token)


def test_a_page_is_no_longer_than_a_result_and_beyond_the_end_there_is_nothing(client):
    token = client.create()
    place = client.result("evaluate", code="String new: 700 withAll: $b", session_id=token)["object_id"]
    assert len(client.result("read_text", session_id=token, object_id=place, count=650)["text"]) == CHARS
    beyond = client.result("read_text", session_id=token, object_id=place, offset=10**12)
    assert (beyond["text"], beyond["offset"], beyond["total"]) == ("", 700, 700)


def test_what_is_no_text_is_refused(client):
    token = client.create()
    assert client.result("read_text", session_id=token, object_id="s:#foo")["text"] == "foo"
    place = client.result("evaluate", code="Object new", session_id=token)["object_id"]
    for object_id in (place, "i:7", "nil", "99999", "x"):
        assert client.error("read_text", session_id=token, object_id=object_id) == "ObjectNotFound"


def test_a_reload_changes_where_texts_are_cut(server):
    client = server.client()
    token = client.create()
    assert client.evaluate("'x' repeat: 400", session_id=token).endswith("more characters)")
    server.system.reload(replace(server.settings, result_chars=1_000))
    assert client.evaluate("'x' repeat: 400", session_id=token) == f"'{'x' * 400}'"
