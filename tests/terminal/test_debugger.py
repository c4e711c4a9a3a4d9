"""The console's debugger, against a scripted server: what is asked, what is shown, and what stays open."""

import asyncio

import pytest

from protocol import Failure
from terminal.debugcommands import DEBUGGER_COMMANDS
from terminal.input import Mode
from tests.terminal.debug_answers import FINISHED, LOCALS, STOPPED, TWO_WAIT, debugged, row, summary, suspended
from tests.terminal.fake_server import ANSWERS, SILENT

FAILED = Failure("EvaluationError", "no", {"class": "ZeroDivide", "context_id": "c2"})
RESTORED = {**ANSWERS["restore_session"], "error_state": TWO_WAIT}
SETTING = {"operation": "SetVariable", "context": "c2", "frame": 1, "name": "count"}
NOBODY = suspended(contexts=[], context=None)


def last(server):
    """Return the parameters of the last request, without those that every request has."""
    return {name: value for name, value in server.requests[-1].parameters.items() if not name.endswith("_id")}


def test_failed_code_says_that_it_waits_and_how_to_open_it(server, table):
    server.script["evaluate"].append(FAILED)
    assert table.play("1 / 0") == "ZeroDivide: no\nit waits as c2: :debug opens it\n"


def test_opening_shows_why_it_waits_the_stack_the_place_and_the_variables(server, table):
    text = table.play(":debug")
    lines = [line.split() for line in text.splitlines()]
    assert text.startswith("c2  ZeroDivide: no\nin: Account new average\n")
    assert [">", "0", "Account>>average", "2", "an", "Account"] in lines
    assert ["1", "[", "]", "in", "Account>>average", "2", "an", "Account"] in lines
    assert "0  Account>>average  line 2\n  1  average\n> 2      ^ sum / count\n           ^^^^^^^^^^^\n" in text
    assert ["count", "instance", "SmallInteger", "0"] in lines


def test_it_opens_at_what_caused_the_error_not_at_what_reports_it(server, table):
    async def scene(shell, _screen):
        reporting = [row(0, selector="doesNotUnderstand:"), row(1, selector="error:"), row(2)]
        stack = suspended(total=3, stack=reporting)
        server.script["debug"].extend([suspended(contexts=[summary()]), stack])
        await shell.handle(":debug")
        assert shell.debugger.frame == 2

    table.play(scene=scene)


def test_a_computation_is_opened_by_its_id(server, table):
    assert table.play(":debug c1").startswith("c1  halted\n")
    assert "no computation c9 waits" in table.play(":debug c9")
    server.script["debug"].append(NOBODY)
    assert "nothing waits" in table.play(":debug")


def test_a_stack_that_cannot_go_on_says_why(server, table):
    reason = {"is_resumable": False, "reason": "a sort was running"}
    server.script["debug"].append(suspended(contexts=[summary(**reason)]))
    assert "it cannot go on: a sort was running; it can be looked at, and abandoned" in table.play(":debug")


@pytest.mark.parametrize(
    ("line", "parameters"),
    [
        (":over", {"operation": "StepOut", "context": "c2"}),
        (":out", {"operation": "StepOut", "context": "c2"}),
        (":t", {"operation": "StepOut", "context": "c2"}),
        (":into", {"operation": "StepInto", "context": "c2"}),
        (":step", {"operation": "StepInto", "context": "c2"}),
        (":proceed", {"operation": "Continue", "context": "c2"}),
        (":c", {"operation": "Continue", "context": "c2"}),
        (":proceed 3 + 4", {"operation": "Continue", "context": "c2", "expression": "3 + 4"}),
        (":resume 5", {"operation": "Resume", "context": "c2", "expression": "5"}),
        (":retry", {"operation": "Retry", "context": "c2"}),
        (":pass", {"operation": "Pass", "context": "c2"}),
        (":restart", {"operation": "RestartFrame", "context": "c2", "frame": 1}),
        (":return 7", {"operation": "ReturnValue", "context": "c2", "frame": 1, "expression": "7"}),
        (":abandon", {"operation": "Abandon", "context": "c2"}),
        (":set count 5 + 1", {**SETTING, "expression": "5 + 1"}),
        (":set count := 5", {**SETTING, "expression": "5"}),
        (":source", {"operation": "GetLocalVars", "context": "c2", "frame": 1}),
        (":variables", {"operation": "GetLocalVars", "context": "c2", "frame": 1}),
        (":stack", {"operation": "GetStackTrace", "context": "c2", "offset": 0, "count": 50}),
        (":break Account>>#average 2", {"operation": "SetBreakpoint", "file": "Account>>average", "line": 2}),
        (":break Account class >> new", {"operation": "SetBreakpoint", "file": "Account class>>new"}),
        (":unbreak Account>>average", {"operation": "RemoveBreakpoint", "file": "Account>>average"}),
        (":breaks", {"operation": "ListBreakpoints"}),
        (":waiting", {"operation": "ListContexts"}),
    ],
)  # fmt: skip
def test_each_command_asks_about_the_selected_frame(server, table, line, parameters):
    table.play(":debug", ":up", line)
    asked = [request.parameters for request in server.requests[1:] if request.operation == "debug"]
    asked = [{name: value for name, value in each.items() if not name.endswith("_id")} for each in asked]
    assert parameters in asked[-4:]


def test_a_step_shows_where_it_stands_and_enter_alone_takes_it_again(server, table):
    text = table.play(":debug", ":over", "", " ")
    assert debugged(server).count("StepOver") == 3
    assert text.count("> 2      ^ sum / count") == 4


def test_through_goes_into_calls_until_a_block_of_the_same_method(server, table):
    with_block = suspended(**{**LOCALS, "source": "average\n\t^ a do: [:b]", "start": 11, "stop": 20})
    elsewhere = suspended(total=1, stack=[row(method="Array>>do:", class_name="Array", selector="do:")])
    block = suspended(total=1, stack=[row(method="[ ] in Account>>average", is_block=True)])

    async def scene(shell, _screen):
        server.script["debug"].extend([with_block, STOPPED, elsewhere, STOPPED, block])
        await shell.handle(":through")
        assert shell.debugger.repeated == ":through"

    table.play(":debug", scene=scene)
    assert debugged(server)[-6:-1] == ["GetLocalVars", "StepInto", "GetStackTrace", "StepInto", "GetStackTrace"]


def test_through_a_call_without_a_block_is_over_it(server, table):
    table.play(":debug", ":through")
    assert debugged(server)[-2:] == ["StepOver", "GetLocalVars"]


def test_through_ends_with_the_computation_or_where_it_fails(server, table):
    with_block = suspended(**{**LOCALS, "source": "average\n\t^ a do: [:b]", "start": 11, "stop": 20})

    async def scene(shell, _screen):
        server.script["debug"].extend([with_block, FAILED])
        await shell.handle(":through")
        assert shell.debugger.context_id == "c2"
        server.script["debug"].extend([with_block, FINISHED])
        await shell.handle(":through")
        assert shell.debugger.context_id is None

    assert "ZeroDivide: no\n" in table.play(":debug", scene=scene)


@pytest.mark.parametrize(
    ("line", "frame", "depths", "steps"),
    [
        (":over", 0, [], ["StepOver"]),
        (":n", 0, [], ["StepOver"]),
        (":over", 2, [2, 1], ["StepOut", "StepOut"]),
        (":out", 1, [2, 1], ["StepOut", "StepOut"]),
        (":out", 2, [1, 0], ["StepOut", "StepOut"]),
    ],
)
def test_a_step_in_a_frame_further_out_runs_what_it_called(server, table, line, frame, depths, steps):
    async def scene(shell, _screen):
        asked = len(debugged(server))
        stops = [{**STOPPED, "total": depth} for depth in depths]
        server.script["debug"].extend([suspended(total=3, stack=[]), *stops] if stops else [])
        await shell.handle(line)
        assert [each for each in debugged(server)[asked:] if each.startswith("Step")] == steps

    table.play(":debug", f":frame {frame}", scene=scene)


def test_a_step_out_ends_at_what_stops_it_before(server, table):
    async def scene(shell, _screen):
        breakpoint_ = {**STOPPED, "stop": {"kind": "breakpoint"}, "total": 5}
        server.script["debug"].extend([suspended(total=3, stack=[]), breakpoint_])
        await shell.handle(":out")

    assert "a breakpoint\n" in table.play(":debug", ":up", scene=scene)
    assert debugged(server).count("StepOut") == 1


def test_enter_alone_does_nothing_else_again(server, table):
    server.script["evaluate"].append(ANSWERS["evaluate"])
    table.play(":debug", ":up", "", ":proceed", "")
    assert debugged(server).count("Continue") == 1


def test_what_finishes_shows_its_value_and_closes_the_debugger(server, table):
    text = table.play(":debug", ":proceed 3", "count")
    assert "went on\n42\n2 computations wait: :debug opens the last, c2; :waiting lists them\n7\n" in text
    assert "context" not in last(server)


def test_code_runs_in_the_selected_frame(server, table):
    table.play(":debug", ":up", "count")
    assert last(server) == {"code": "count", "context": "c2", "frame": 1}


def test_inspect_shows_what_an_expression_answers_in_the_frame(server, table):
    assert "an Account" in table.play(":debug", ":inspect self")
    assert [request.operation for request in server.requests[-2:]] == ["evaluate", "inspect"]
    assert server.requests[-1].parameters["object_id"] == "i:7"
    table.play(":debug", "self", mode=Mode.INSPECT)
    assert server.requests[-1].parameters["object_id"] == "i:7"


def test_a_child_of_what_was_inspected_is_gone_into(server, table):
    assert "[balance]" in table.play(":debug", ":into balance", ":inspect")
    assert server.requests[-2].operation == "navigate"


def test_frames_are_selected_as_far_as_there_are_any(server, table):
    text = table.play(":debug", ":up 9", ":down 9", ":frame 1", ":frame x", ":up x")
    assert "the outermost frame" in text
    assert "the innermost frame" in text
    assert "x is no number of a frame" in text
    assert "x is no number of frames" in text
    assert last(server)["frame"] == 1


def test_what_fails_again_stays_open_at_its_innermost_frame(server, table):
    async def scene(shell, _screen):
        server.script["debug"].append(FAILED)
        await shell.handle(":proceed")
        assert (shell.debugger.context_id, shell.debugger.frame) == ("c2", 0)

    text = table.play(":debug", ":up", scene=scene)
    assert "ZeroDivide: no\n" in text
    assert last(server)["frame"] == 0


def test_an_expression_that_fails_leaves_the_computation_where_it_is(server, table):
    async def scene(shell, _screen):
        server.script["debug"].append(Failure("EvaluationError", "nil", {"context_id": "c3"}))
        await shell.handle(":return nil foo")
        server.script["debug"].append(Failure("EvaluationError", "zork", {"context_id": "c2"}))
        await shell.handle(":return 3 zork")
        server.script["debug"].append(Failure("SyntaxError", "expected", {"line": 1, "column": 1}))
        await shell.handle(":return )")
        assert (shell.debugger.context_id, shell.debugger.frame) == ("c2", 1)

    text = table.play(":debug", ":up", scene=scene)
    assert "that waits too, as c3" in text
    assert "EvaluationError: zork\nc2 waits as before\n" in text
    assert ")\n^\nSyntaxError: expected\n" in text


def test_a_computation_that_is_gone_closes_the_debugger(server, table):
    async def scene(shell, _screen):
        gone = Failure("ContextNotFound", "there is no suspended computation 'c2'")
        server.script["debug"].extend([gone, NOBODY])
        await shell.handle(":over")
        assert shell.debugger.context_id is None

    assert "c2 waits no more; the debugger is closed" in table.play(":debug", scene=scene)


def test_what_is_refused_is_told_and_nothing_is_lost(server, table):
    async def scene(shell, _screen):
        server.script["debug"].append(Failure("NotResumable", "it is only to be looked at"))
        await shell.handle(":proceed")
        assert shell.debugger.context_id == "c2"

    assert table.play(":debug", scene=scene).endswith("NotResumable: it is only to be looked at\n")


def test_leaving_lets_it_wait(server, table):
    assert "c2 goes on waiting; :debug opens it again" in table.play(":debug", ":leave", ":over")
    assert "there is no command :over; it is one of the debugger, which :debug opens" in table.text


def test_the_help_of_the_open_debugger_begins_with_its_commands(server, table):
    text = table.play(":debug", ":help")
    assert all(f":{name}" in text and entry.doc in text for name, entry in DEBUGGER_COMMANDS.items())
    assert text.index(":over") < text.index(":sessions")


def test_what_waits_is_said_when_a_session_is_restored(server, table):
    table.play()
    server.script["restore_session"].extend(
        [RESTORED, {**RESTORED, "error_state": {**TWO_WAIT, "suspended": [summary()]}}]
    )
    table.play()
    assert "2 computations wait: :debug opens the last, c2; :waiting lists them" in table.text
    table.play()
    assert "a computation waits, c2 (ZeroDivide: no): :debug opens it" in table.text


def test_the_next_run_finds_the_debugger_open_at_the_same_frame(server, table):
    table.play(":debug", ":up")
    server.script["restore_session"].append(RESTORED)
    table.play("count")
    assert "c2  ZeroDivide: no\n" in table.text
    assert last(server) == {"code": "count", "context": "c2", "frame": 1}
    server.script["restore_session"].append(ANSWERS["restore_session"])
    table.play("count")
    assert "context" not in last(server)


def test_a_computation_that_cannot_be_shown_does_not_keep_a_session_from_being_restored(server, table):
    table.play(":debug", ":up")
    server.script["restore_session"].append(RESTORED)
    server.script["debug"].append(Failure("InternalError", "a fault"))
    table.play("count")
    assert "InternalError: a fault" in table.text
    assert "no session yet" not in table.text
    assert "context" not in last(server)


def test_after_a_lost_connection_the_debugger_is_open_at_the_same_frame(server, table):
    async def scene(shell, output):
        server.stop()
        asking = asyncio.create_task(shell.handle("count"))
        await output.until("no connection")
        server.start()
        await asking

    table.play(":debug", ":up", scene=scene)
    assert last(server) == {"code": "count", "context": "c2", "frame": 1}


def test_another_session_has_its_own(server, table):
    table.play(":debug", ":new", "count")
    assert "context" not in last(server)


def test_a_breakpoint_needs_a_method(server, table):
    text = table.play(":break Account", ":break 3 + 4", ":break Account>>average 2")
    assert text.count("a breakpoint needs a method") == 2
    assert ["Account", "class>>new", "1"] in [line.split() for line in text.splitlines()]
    server.script["debug"].append(suspended(breakpoints=[]))
    assert "there are no breakpoints" in table.play(":breaks")


def test_a_stop_at_a_breakpoint_says_so(server, table):
    async def scene(shell, _screen):
        server.script["debug"].append({**STOPPED, "stop": {"kind": "breakpoint", "frames": 3, "row": row()}})
        await shell.handle(":proceed")

    assert "a breakpoint\n0  Account>>average" in table.play(":debug", scene=scene)


def test_an_interrupted_step_waits(server, table):
    async def scene(shell, _screen):
        server.script["debug"].append(SILENT)
        going = asyncio.create_task(shell.handle(":proceed"))
        await asyncio.to_thread(server.wait_for, "debug", 4)
        going.cancel()
        await asyncio.wait({going})
        assert (shell.debugger.context_id, shell.debugger.frame) == ("c2", 0)

    table.play(":debug", scene=scene)
