"""debug: looking into computations that wait, changing them, letting them go on, and giving them up.

Each word of `operation` is one function here. All take their turn like an evaluation: what lets a computation go on is
one, and what only looks must not do so while another evaluation of the session stands in the middle of its work.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from smalltalk import UnknownContextError

from ..state.stopped import Ending
from ..traffic.call import Answer, Call, RefusedError
from .desk import Desk
from .failures import REFUSED_BY_LANGUAGE, failure_of, refusal_of
from .outcomes import value_of, written
from .remembering import remember
from .waiting import breakpoint_row, facts_of_frame, frame_row, place_of, summary_row

if TYPE_CHECKING:
    from smalltalk import Outcome, StopReport

    from ..running.evaluator import Run
    from ..sessions.session import Session

#: What lets a computation go on, and what becomes of it when the server's end meets that in its middle: a step that
#: went on after the start would go on to the computation's end, which nobody asked for.
_ENDINGS: Final[Mapping[str, Ending]] = MappingProxyType(
    {
        **dict.fromkeys(
            ("Continue", "Resume", "Retry", "RestartFrame", "ReturnValue", "CreateMethod"), Ending.FINISHED
        ),
        **dict.fromkeys(("StepInto", "StepOver", "StepOut"), Ending.INTERRUPTED),
    }
)
#: Lines of a stack answered unless told.
STACK_COUNT: Final = 50


def debug(session: "Session", run: "Run") -> Answer:
    """Do one operation of the debugger. Runs in the run's greenlet.

    Raises:
        RefusedError: ContextNotFound, NotResumable, ObjectNotFound, ClassNotFound, MethodNotFound, SyntaxError;
            SessionError, what waits cannot be read.
    """
    desk = Desk(session, run)
    before = session.state.damage
    try:
        return _WORK[desk.parameters["operation"]](desk)
    except REFUSED_BY_LANGUAGE as error:
        # What is refused has not begun: damage that was met on the way is told, and has misled no code.
        damage, session.state.damage = session.state.damage, before
        if damage is not None and isinstance(error, UnknownContextError):
            text = f"Computation '{desk.parameters.get('context')}' is not among those that can be read: {damage}"
            raise RefusedError("SessionError", text) from error
        raise refusal_of(error) from error


def ending_of_debug(call: Call) -> Ending:
    """Return what becomes of an operation of the debugger that the server's end meets in its middle."""
    return _ENDINGS.get(call.request.parameters["operation"], Ending.DROPPED)


def finish_debug(session: "Session", run: "Run") -> Answer:
    """Let a computation go on that went on when the server was stopped. Runs in the run's greenlet.

    Raises:
        RefusedError: ContextNotFound, NotResumable.
    """
    desk = Desk(session, run)
    stopped = run.call.stopped
    assert stopped is not None
    try:
        outcome = session.state.image().resume_stopped(stopped.context_id, evaluation=desk.evaluation)
    except REFUSED_BY_LANGUAGE as error:
        raise refusal_of(error) from error
    return _went_on(desk, stopped.context_id, outcome)


# --- looking


def _list_contexts(desk: Desk) -> Answer:
    contexts = [summary_row(summary) for summary in desk.contexts()]
    return desk.answer(None, _counted(len(contexts), "computation"), {}, contexts=contexts)


def _counted(count: int, what: str) -> str:
    """Say how many there are of something."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def _get_stack_trace(desk: Desk) -> Answer:
    context_id = desk.context_id()
    offset, count = desk.parameters.get("offset", 0), desk.parameters.get("count", STACK_COUNT)
    with desk.looking():
        page = desk.debugger.stack(context_id, offset, count)
    stack = [frame_row(row) for row in page.rows]
    facts = facts_of_frame(page.rows[0]) if page.rows else {}
    return desk.answer(context_id, _counted(page.total, "frame"), facts, total=page.total, stack=stack)


def _get_local_vars(desk: Desk) -> Answer:
    return _shown_frame(desk, desk.context_id(), "")


def _shown_frame(desk: Desk, context_id: str, before: str) -> Answer:
    """Answer a frame with its variables; printing them runs code, after what wrote `before`."""
    outcome = desk.debugger.frame(context_id, desk.frame, evaluation=desk.evaluation)
    if outcome.failure is not None:
        return failure_of(desk.run, outcome)
    view = outcome.value
    variables = [variable._asdict() for variable in view.variables]
    texts = {variable.name: variable.text for variable in view.variables}
    transcript = before + outcome.transcript
    return desk.answer(
        context_id,
        place_of(view.row),
        {**texts, **facts_of_frame(view.row)},
        frame=frame_row(view.row),
        source=view.source,
        start=view.start,
        stop=view.stop,
        variables=variables,
        **{**written(desk.session, outcome), **({"transcript": transcript} if transcript else {})},
    )


# --- changing


def _set_variable(desk: Desk) -> Answer:
    context_id, name = desk.context_id(), desk.parameters["name"]
    outcome = desk.debugger.set_variable(
        context_id, desk.frame, name, desk.expression or "", evaluation=desk.evaluation
    )
    remember(desk.session, desk.run, _title(desk, context_id), outcome, outcome.result, has_error=False)
    if outcome.failure is not None:
        return failure_of(desk.run, outcome)
    desk.run.evaluation = desk.session.new_evaluation(desk.run.call)
    return _shown_frame(desk, context_id, outcome.transcript)


def _title(desk: Desk, context_id: str) -> str:
    """Return what the history shows as code: what was done as a comment, then the expression or source if any."""
    shown = desk.expression or desk.parameters.get("source") or ""
    name = f" {desk.parameters['name']}" if "name" in desk.parameters else ""
    return f'"debug {desk.parameters["operation"]}{name} of {context_id}" {shown}'.rstrip()


def _breakpoints(desk: Desk) -> Answer:
    rows = [breakpoint_row(row) for row in desk.debugger.breakpoints()]
    return desk.answer(None, _counted(len(rows), "breakpoint"), {}, breakpoints=rows)


def _set_breakpoint(desk: Desk) -> Answer:
    desk.debugger.set_breakpoint(_method(desk), desk.parameters.get("line"))
    return _breakpoints(desk)


def _remove_breakpoint(desk: Desk) -> Answer:
    desk.debugger.remove_breakpoint(_method(desk), desk.parameters.get("line"))
    return _breakpoints(desk)


def _method(desk: Desk) -> str:
    """Return the method that a breakpoint is about, as `Class>>selector`."""
    named: str | None = desk.parameters.get("file")
    if named is not None:
        return named
    side = " class" if desk.parameters.get("is_class_method") else ""
    return f"{desk.parameters['class_name']}{side}>>{desk.parameters['method_name']}"


# --- going on


def _continue(desk: Desk) -> Answer:
    context_id = desk.context_id()
    return _went_on(
        desk, context_id, desk.debugger.proceed(context_id, evaluation=desk.evaluation, code=desk.expression)
    )


def _resume(desk: Desk) -> Answer:
    context_id = desk.context_id()
    return _went_on(
        desk, context_id, desk.debugger.resume(context_id, evaluation=desk.evaluation, code=desk.expression)
    )


def _retry(desk: Desk) -> Answer:
    context_id = desk.context_id()
    return _went_on(desk, context_id, desk.debugger.retry(context_id, evaluation=desk.evaluation))


def _pass(desk: Desk) -> Answer:
    context_id = desk.context_id()
    return _went_on(desk, context_id, desk.debugger.pass_(context_id, evaluation=desk.evaluation))


def _restart_frame(desk: Desk) -> Answer:
    context_id = desk.context_id()
    return _went_on(desk, context_id, desk.debugger.restart_frame(context_id, desk.frame, evaluation=desk.evaluation))


def _return_value(desk: Desk) -> Answer:
    context_id = desk.context_id()
    outcome = desk.debugger.return_value(context_id, desk.frame, desk.expression or "", evaluation=desk.evaluation)
    return _went_on(desk, context_id, outcome)


def _create_method(desk: Desk) -> Answer:
    context_id = desk.context_id()
    outcome = desk.debugger.create_method(context_id, desk.parameters["source"], evaluation=desk.evaluation)
    return _went_on(desk, context_id, outcome)


def _stepping(how: Literal["into", "over", "out"]) -> "Callable[[Desk], Answer]":
    """Return what does a step of that sort."""

    def step(desk: Desk) -> Answer:
        context_id = desk.context_id()
        return _went_on(desk, context_id, desk.debugger.step(context_id, how, evaluation=desk.evaluation))

    return step


def _went_on(desk: Desk, context_id: str, outcome: "Outcome") -> Answer:
    """Answer what came of a computation that went on: its value, where it stopped again, or how it failed again."""
    stop = outcome.stop
    result = outcome.result if stop is None else place_of(stop.rows[0]) if stop.rows else "stopped"
    used_ms = remember(
        desk.session, desk.run, _title(desk, context_id), outcome, result, has_error=False, context_id=context_id
    )
    if outcome.failure is not None:
        return failure_of(desk.run, outcome)
    if stop is not None:
        return _stopped(desk, stop, written(desk.session, outcome), result)
    value = value_of(desk.session, outcome, used_ms)
    facts = {"state": "finished", "class": outcome.class_name}
    return {"context": context_id, "state": "finished", "debug_info": facts, **value}


def _stopped(desk: Desk, stop: "StopReport", told: dict[str, Any], result: str) -> Answer:
    """Answer where a computation stopped again."""
    frames, stack = stop.summary.frames, [frame_row(row) for row in stop.rows]
    return desk.answer_about(
        stop.summary,
        result,
        facts_of_frame(stop.rows[0]) if stack else {},
        stop={"kind": stop.kind, "frames": frames, "row": stack[0] if stack else None},
        total=frames,
        stack=stack,
        **told,
    )


# --- ending


def _abandon(desk: Desk) -> Answer:
    context_id = desk.context_id()
    outcome = _given_up(desk, context_id)
    result = f"{context_id} was abandoned"
    remember(desk.session, desk.run, _title(desk, context_id), outcome, result, has_error=False, context_id=context_id)
    if outcome.failure is not None:
        return failure_of(desk.run, outcome)
    answer = {
        "session_id": desk.session.token,
        "context": context_id,
        "state": "abandoned",
        "result": result,
        "debug_info": {"state": "abandoned"},
        "abandoned": True,
    }
    return {**answer, **written(desk.session, outcome)}


def _given_up(desk: Desk, context_id: str) -> "Outcome":
    """Give a computation up; of one that cannot go on no code runs, so what is damaged of it hurts nothing."""
    summary = desk.summary(context_id)
    if summary is None or summary.is_resumable:
        return desk.debugger.abandon(context_id, evaluation=desk.evaluation)
    with desk.looking():
        return desk.debugger.abandon(context_id, evaluation=desk.evaluation)


_WORK: Final[Mapping[str, Callable[[Desk], Answer]]] = MappingProxyType(
    {
        "ListContexts": _list_contexts,
        "GetStackTrace": _get_stack_trace,
        "GetLocalVars": _get_local_vars,
        "SetVariable": _set_variable,
        "StepInto": _stepping("into"),
        "StepOver": _stepping("over"),
        "StepOut": _stepping("out"),
        "Continue": _continue,
        "Resume": _resume,
        "Retry": _retry,
        "Pass": _pass,
        "RestartFrame": _restart_frame,
        "ReturnValue": _return_value,
        "CreateMethod": _create_method,
        "Abandon": _abandon,
        "SetBreakpoint": _set_breakpoint,
        "RemoveBreakpoint": _remove_breakpoint,
        "ListBreakpoints": _breakpoints,
    }
)
