"""Undos in a row are taken back one by one, and nothing else is."""

from terminal.undoing import Undos
from tests.terminal.fake_server import ANSWERS, METADATA


def test_undos_in_a_row_are_taken_back_last_first():
    undos = Undos()
    for entry in (4, 5):
        undos.note(entry)
    taken = []
    for entry in (6, 7):
        taken.append(undos.last(entry - 1))
        undos.took_back(entry)
    assert taken == [5, 4]
    assert undos.last(7) is None


def test_an_undo_after_a_redo_is_taken_back_first():
    undos = Undos()
    for entry in (4, 5):
        undos.note(entry)
    undos.took_back(6)
    undos.note(7)
    assert undos.last(7) == 7
    undos.took_back(8)
    assert undos.last(8) == 4


def test_what_was_done_since_keeps_an_undo_from_being_taken_back():
    undos = Undos()
    undos.note(4)
    assert undos.last(5) is None
    undos.note(6)
    assert undos.last(6) == 6
    undos.took_back(7)
    assert undos.last(7) is None


def test_an_undo_of_another_session_is_not_taken_back(server, table):
    """Its number may be that of anything here."""
    server.script["restore_session"].append({**ANSWERS["restore_session"], **METADATA, "session_id": "session_2"})
    assert "nothing to redo" in table.play(":undo", ":restore session_2", ":redo")
    assert server.count("undo") == 1


def test_each_redo_takes_back_one_undo(server, table):
    latest = [{**ANSWERS["history"]["entries"][0], "seq": seq} for seq in (3, 4, 5)]
    server.script["undo"].extend({**ANSWERS["undo"], "seq": seq} for seq in (2, 3, 4, 5))
    server.script["history"].extend({**ANSWERS["history"], "total": 3, "entries": [each]} for each in latest)
    text = table.play(":undo", ":undo", ":redo", ":redo", ":redo")
    assert [each.parameters.get("before") for each in server.requests if each.operation == "undo"] == [None, None, 3, 2]
    assert text.count("is there again") == 2
    assert text.endswith("nothing to redo: the last thing done here was no :undo\n")
