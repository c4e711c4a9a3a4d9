"""What the scripted server answers about computations that wait: two of them, the later one open to everything."""

NOTHING_WAITS = None


def summary(context_id="c2", **changes):
    """One row of waiting computations."""
    return {
        "context_id": context_id,
        "kind": "error",
        "class_name": "ZeroDivide",
        "message": "no",
        "code": "Account new average",
        "suspended_at": "2025-01-02T10:30:00.000+00:00",
        "frames": 3,
        "is_resumable": True,
        "reason": None,
        "recovery": ["Continue", "abandon"],
        **changes,
    }


def row(number=0, **changes):
    """One frame of a stack."""
    return {
        "frame": number,
        "method": "Account>>average",
        "class_name": "Account",
        "selector": "average",
        "receiver": "an Account",
        "line": 2,
        "column": 9,
        "is_block": False,
        "is_resumable_here": True,
        **changes,
    }


SOURCE = "average\n\t^ sum / count"
LOCALS = {
    "frame": row(),
    "source": SOURCE,
    "start": 11,
    "stop": 22,
    "variables": [
        {"name": "self", "kind": "self", "class_name": "Account", "text": "an Account", "object_id": "5"},
        {"name": "count", "kind": "instance", "class_name": "SmallInteger", "text": "0", "object_id": "i:0"},
    ],
}
TWO_WAIT = {"current": summary(), "suspended": [summary("c1", kind="halt"), summary()], "recovery": []}


def suspended(**fields):
    """An answer that leaves the computation waiting."""
    facts = {"session_id": "session_1", "context": "c2", "state": "suspended", "result": "it waits", "debug_info": {}}
    return {**facts, **fields}


STOPPED = suspended(stop={"kind": "step", "frames": 3, "row": row()}, stack=[row()], total=3)
FINISHED = {
    **suspended(state="finished", result="42"),
    "result_type": "SmallInteger",
    "execution_time": 0,
    "has_error": False,
    "transcript": "went on\n",
}
BREAKPOINTS = suspended(
    breakpoints=[
        {"file": "Account>>average", "class_name": "Account", "selector": "average", "line": 2, "stops_at": 3},
        {"file": "Account class>>new", "class_name": "Account class", "selector": "new", "line": None, "stops_at": 1},
    ]
)
DEBUG_ANSWERS = {
    "ListContexts": suspended(contexts=TWO_WAIT["suspended"]),
    "GetStackTrace": suspended(total=3, stack=[row(0), row(1, method="[ ] in Account>>average"), row(2)]),
    "GetLocalVars": suspended(**LOCALS),
    "SetVariable": suspended(**LOCALS),
    "StepInto": STOPPED,
    "StepOver": STOPPED,
    "StepOut": STOPPED,
    "Continue": FINISHED,
    "Resume": FINISHED,
    "Retry": FINISHED,
    "Pass": FINISHED,
    "RestartFrame": FINISHED,
    "ReturnValue": FINISHED,
    "CreateMethod": FINISHED,
    "Abandon": suspended(state="abandoned", abandoned=True),
    "SetBreakpoint": BREAKPOINTS,
    "RemoveBreakpoint": BREAKPOINTS,
    "ListBreakpoints": BREAKPOINTS,
}


def debugged(server):
    """Return the forms of debug that were asked, in order."""
    return [request.parameters["operation"] for request in server.requests if request.operation == "debug"]
