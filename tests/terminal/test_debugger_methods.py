"""Methods from within the console's debugger: edited, and created for a message that was not understood."""

import pytest

from protocol import Failure
from tests.terminal.debug_answers import FINISHED, LOCALS, debugged, row, summary, suspended
from tests.terminal.fake_server import ANSWERS


def test_an_edited_method_is_compiled_and_the_frame_begins_anew(server, table):
    server.script["file_in"].append({**ANSWERS["file_in"], "errors": []})
    table.hand.texts, table.hand.answers = ["average\n\t^ 'wow!'"], [True]
    text = table.play(":debug", ":up", ":edit")
    assert table.hand.shown == ["bar\n\t^ 1", "begin frame 0 anew with it?"]
    filed = next(request.parameters["text"] for request in server.requests if request.operation == "file_in")
    assert filed == "!Account methodsFor: 'it''s'!\naverage\n\t^ 'wow!!'\n! !\n"
    assert "compiled: Account>>#balance\n" in text
    assert "RestartFrame" in debugged(server)


def test_a_method_that_does_not_compile_may_be_edited_again_or_dropped(server, table):
    problem = {"line": 3, "column": 4, "class": "Account", "selector": "", "message": "no", "suggestion": "write it"}
    server.script["file_in"].append({**ANSWERS["file_in"], "errors": [problem]})
    table.hand.texts, table.hand.answers = ["average\n\t^ )", None], [True]
    text = table.play(":debug", ":edit")
    assert "    ^ )\n      ^\nno\nwrite it\nthe method is as it was\n" in text
    assert table.hand.shown[1:] == ["edit it again?", "average\n\t^ )"]
    assert "RestartFrame" not in debugged(server)


def test_a_method_that_is_refused_as_a_whole_says_why(server, table):
    server.script["file_in"].append(Failure("Timeout", "too long"))
    table.hand.texts, table.hand.answers = ["x"], [False]
    assert "Timeout: too long" in table.play(":debug", ":edit")


def test_a_removed_method_is_edited_from_what_the_frame_runs(server, table):
    server.script["get_method"].append(Failure("MethodNotFound", "no such method"))
    table.hand.texts = [None]
    table.play(":debug", ":edit")
    assert table.hand.shown == [LOCALS["source"]]


def test_a_do_it_has_no_method_to_edit(server, table):
    async def scene(shell, _screen):
        frame = row(method="doIt", class_name="UndefinedObject", selector="doIt")
        server.script["debug"].append(suspended(**{**LOCALS, "frame": frame}))
        await shell.handle(":edit")

    assert "a do-it has no method to edit" in table.play(":debug", scene=scene)


@pytest.mark.parametrize(
    ("selector", "begin"),
    [("total", "total\n"), ("at:put:", "at: anObject put: anObject2\n"), ("+", "+ anObject\n")],
)
def test_what_was_not_understood_is_written_and_sent_again(server, table, selector, begin):
    async def scene(shell, _screen):
        missing = summary(class_name="MessageNotUnderstood", message=f"Account>>#{selector}")
        server.script["debug"].append(suspended(contexts=[missing]))
        await shell.handle(":create")

    table.hand.texts = ["total ^ 1"]
    text = table.play(":debug", scene=scene)
    assert table.hand.shown[0].startswith(begin)
    assert "CreateMethod" in debugged(server)
    assert "42\n" in text


@pytest.mark.parametrize(
    ("wrong", "shown"),
    [
        (("SyntaxError", "expected", {"line": 1, "column": 7}), "total )\n      ^\nSyntaxError: expected\n"),
        (("EvaluationError", "expected", {"context_id": "c2"}), "EvaluationError: expected\nc2 waits as before\n"),
    ],
)
def test_a_new_method_that_does_not_compile_may_be_edited_again(server, table, wrong, shown):
    async def scene(shell, _screen):
        missing = summary(class_name="MessageNotUnderstood", message="Account>>#total")
        waiting = suspended(contexts=[missing])
        server.script["debug"].extend([waiting, Failure(*wrong), waiting, FINISHED])
        await shell.handle(":create")

    table.hand.texts, table.hand.answers = ["total )", "total ^ 1"], [True]
    text = table.play(":debug", scene=scene)
    assert shown in text
    assert table.hand.shown[1:] == ["edit it again?", "total )"]
    assert debugged(server).count("CreateMethod") == 2


def test_only_what_was_not_understood_can_be_created(table):
    assert "it does not wait for a message that was not understood" in table.play(":debug", ":create")
