"""Python frames that may stand between those of generated code, and what becomes of them in a captured stack.

| frame                                          | captured as                                                      |
|------------------------------------------------|------------------------------------------------------------------|
| a primitive whose last act was the call        | nothing: its answer is the answer of the call                    |
| a primitive that has more to do, in `_TABLE`   | a context with its state; `resume` does what is left to do       |
| the IR interpreter                             | the context of the activation it interprets                      |
| anything else                                  | nothing goes on from there: such a stack can only be looked at   |

Every primitive hands over to the language as its last act (see the room `primitives`), so no list of them is needed.
"""

from __future__ import annotations

from types import CodeType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from . import aside, attributes, calls, creation, deopt, exceptions, processes, safe_points, stubs
from .evaluation import Evaluation
from .objects import FALSE, TRUE
from .pending import pending_of, unwinding_of
from .world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType

    from ..compiler.origins import Position

#: The room whose functions all hand over as their last act, with a dot: its topics.
_PRIMITIVES: Final = f"{__package__.rpartition('.')[0]}.primitives."

#: Modules whose functions do so as well, but for those in the tables below.
_PASSING_MODULES: Final = {
    module.__name__ for module in (aside, attributes, calls, creation, deopt, exceptions, processes, safe_points, stubs)
} | {f"{__package__}.entry_points"}  # which shows contexts and so stands above this module

#: Functions of the primitives that go on after a call into the language, by topic and name: reflection, in which
#: nothing waits for long.
UNFINISHED: Final = frozenset(
    {
        *("defining._live_use", "defining.uses"),
        *("methodfacts.literal_value", "methodfacts.literals", "methodfacts.pragmas"),
        *("trees._records", "trees._value_form"),
    }
)


class Resumable(NamedTuple):
    """A primitive with something left to do.

    Attributes:
        name: by which contexts name it.
        title: the method that it is, as stacks show it.
        state: local variables -> what there is to keep; None where the call is its last act.
        resume: goes on, given the rest of the frame above it and the state; None if `finish` does.
        finish: does what is left, given the answer of the frame above it and the state.
    """

    name: str
    title: str
    state: Callable[[Mapping[str, Any]], dict[str, Any] | None]
    resume: Callable[[Callable[[], Any], Mapping[str, Any]], Any] | None = None
    finish: Callable[[Any, Mapping[str, Any]], Any] | None = None

    def rest(self, inner: Callable[[], Any], state: Mapping[str, Any]) -> Callable[[], Any]:
        """Make the function that goes on with that state above `inner`."""
        if self.resume is None:
            return _waiting(self, inner, state)
        resume = self.resume

        def go_on() -> Any:
            return resume(inner, state)

        return go_on


def _waiting(resumable: Resumable, inner: Callable[[], Any], state: Mapping[str, Any]) -> Callable[[], Any]:
    """Make the function that waits for an answer and finishes."""

    def wait() -> Any:
        answer = inner()
        assert resumable.finish is not None
        return resumable.finish(answer, state)

    return wait


def _protecting(values: Mapping[str, Any]) -> dict[str, Any]:
    """`on:do:` evaluates its receiver."""
    return {
        "handler": values["handler"],
        "outside": values["signal_outside"],
        "broken": TRUE if values["is_broken"] else FALSE,
    }


def _protect(inner: Callable[[], Any], state: Mapping[str, Any]) -> Any:
    return exceptions.protect(state["handler"], state["outside"], inner, is_broken=state["broken"] is TRUE)


def _finishing(values: Mapping[str, Any]) -> dict[str, Any]:
    """`ensure:` and `ifCurtailed:` evaluate one of their blocks."""
    if "leaving" in values:
        return {"leaving": pending_of(values["leaving"], values["evaluation"].failure), **_outside(values)}
    if "value" in values:
        return {"value": values["value"], **_outside(values)}
    return {"final": values["final"], **_outside(values)}


def _outside(values: Mapping[str, Any]) -> dict[str, Any]:
    """The handlers and the signal that hold for the block at the end."""
    return {"handler": values["handler"], "outside": values["signal_outside"]}


def _ensure(inner: Callable[[], Any], state: Mapping[str, Any]) -> Any:
    if "final" in state:
        return exceptions.evaluate_ensured(inner, state["final"], state["handler"], state["outside"])
    if "leaving" in state:
        return exceptions.finish_leaving(inner, unwinding_of(state["leaving"]), state["handler"], state["outside"])
    return exceptions.finish(inner, state["value"], state["handler"], state["outside"])


def _curtail(inner: Callable[[], Any], state: Mapping[str, Any]) -> Any:
    if "final" in state:
        return exceptions.evaluate_curtailed(inner, state["final"], state["handler"], state["outside"])
    return exceptions.finish_leaving(inner, unwinding_of(state["leaving"]), state["handler"], state["outside"])


def _attending(values: Mapping[str, Any]) -> dict[str, Any] | None:
    """A handler or a default action runs; once it signals another exception instead there is nothing left to do."""
    return None if "replacement" in values else {"record": values["record"], "fallback": values["fallback"]}


def _attend(inner: Callable[[], Any], state: Mapping[str, Any]) -> Any:
    return exceptions.attend(state["record"], state["fallback"], inner)


def _signalling(values: Mapping[str, Any]) -> dict[str, Any] | None:
    """`signal` looks for a handler."""
    return None if "handler" in values else {"exception": values["exception"], "origin": values["origin"]}


def _signal(handler: Any, state: Mapping[str, Any]) -> Any:
    return exceptions.signal_to(handler, state["exception"], state["origin"])


def _going_outwards(values: Mapping[str, Any]) -> dict[str, Any] | None:
    """`outer` looks for a handler."""
    return None if "handler" in values else {"record": values["record"], "further": values["further"]}


def _go_outwards(handler: Any, state: Mapping[str, Any]) -> Any:
    return exceptions.signal_outwards(handler, state["record"], state["further"])


def _searching(values: Mapping[str, Any]) -> dict[str, Any]:
    """A handler is asked whether it handles the exception."""
    return {"exception": values["exception"], "handler": values["handler"]}


def _search(handles: Any, state: Mapping[str, Any]) -> Any:
    handler = state["handler"]
    return handler if handles else exceptions.find_handler(state["exception"], handler.outer)


def _nothing(_values: Mapping[str, Any]) -> dict[str, Any]:
    """There is no state."""
    return {}


def _passing(values: Mapping[str, Any]) -> dict[str, Any]:
    """`pass` waits for the answer of `outer`."""
    return {"record": values["record"]}


def _pass(answer: Any, state: Mapping[str, Any]) -> Any:
    return exceptions.resume(state["record"], answer)


def _signalled(values: Mapping[str, Any]) -> dict[str, Any] | None:
    """A process that goes on signals the exception that it was told to; after that its wait answers."""
    return {"answer": values["answer"]} if "signalled" in values else None


_ENSURE: Final = Resumable("ensure:", "BlockClosure>>ensure:", _finishing, resume=_ensure)
_SIGNAL: Final = "Exception>>signal"

#: Function -> what may be left to do in it. The names are stored: none may ever mean something else.
_TABLE: Final[dict[Callable[..., Any], Resumable]] = {
    exceptions.protect: Resumable("on:do:", "BlockClosure>>on:do:", _protecting, resume=_protect),
    exceptions.evaluate_ensured: _ENSURE,
    exceptions.finish: _ENSURE,
    exceptions.finish_leaving: _ENSURE,
    exceptions.evaluate_curtailed: Resumable("ifCurtailed:", "BlockClosure>>ifCurtailed:", _finishing, resume=_curtail),
    exceptions.attend: Resumable("attend", _SIGNAL, _attending, resume=_attend),
    exceptions.signal: Resumable("signal", _SIGNAL, _signalling, finish=_signal),
    exceptions.outer: Resumable("outer", "Exception>>outer", _going_outwards, finish=_go_outwards),
    exceptions.find_handler: Resumable("search", _SIGNAL, _searching, finish=_search),
    exceptions.handles: Resumable(
        "handles:", "Exception class>>handles:", _nothing, finish=lambda answer, _: answer is TRUE
    ),
    exceptions.has_outer_handler: Resumable(
        "isNested", "Exception>>isNested", _nothing, finish=lambda found, _: FALSE if found is None else TRUE
    ),
    exceptions.pass_outwards: Resumable("pass", "Exception>>pass", _passing, finish=_pass),
    processes.Processes.go_on: Resumable(
        "signalException:", "Process>>signalException:", _signalled, finish=lambda _, state: state["answer"]
    ),
}

#: Name -> what it names.
BY_NAME: Final = {each.name: each for each in _TABLE.values()}

_BY_CODE: Final = {id(function.__code__): resumable for function, resumable in _TABLE.items()}

#: The code of all functions that `_waiting` makes.
_WAIT: Final = next(each for each in _waiting.__code__.co_consts if isinstance(each, CodeType))

#: Functions of other modules whose last act is the call.
_PASSING: Final = {
    id(function.__code__)
    for function in (
        World.send,
        World.signal,
        Evaluation.poll,
        Evaluation._bound_integers,  # noqa: SLF001 - it signals
    )
}

#: id of an interpreter's code -> reads the activation off its local variables: position, values.
_interpreters: Final[dict[int, Callable[[Mapping[str, Any]], tuple[Position, Mapping[str, Any]]]]] = {}


def register_interpreter(
    function: Callable[..., Any], reader: Callable[[Mapping[str, Any]], tuple[Position, Mapping[str, Any]]]
) -> None:
    """Let a function that interprets activations be captured.

    Args:
        function: one call of it is one activation; what else of its module stands in between is part of that.
        reader: its local variables -> where the activation stands, and its named values.
    """
    _interpreters[id(function.__code__)] = reader
    register_passing(function.__module__)


def register_passing(*modules: str) -> None:
    """Let the functions of modules stand in stacks: what they call into the language for is their last act."""
    _PASSING_MODULES.update(modules)


def interpreted(frame: FrameType) -> tuple[Position, Mapping[str, Any]] | None:
    """The activation that a frame interprets, None when it is no interpreter's."""
    reader = _interpreters.get(id(frame.f_code))
    return None if reader is None else reader(frame.f_locals)


def primitive(frame: FrameType) -> tuple[Resumable, dict[str, Any]] | None:
    """What a primitive's frame has left to do, with its state; None when the call is its last act or it is unknown."""
    code = frame.f_code
    if code is _WAIT:
        values = frame.f_locals
        return None if "answer" in values else (values["resumable"], dict(values["state"]))
    resumable = _BY_CODE.get(id(code))
    if resumable is None:
        return None
    state = resumable.state(frame.f_locals)
    return None if state is None else (resumable, state)


def passes(frame: FrameType) -> bool:
    """Whether a frame has nothing left to do but to hand on the answer it waits for."""
    module = frame.f_globals["__name__"]
    return (
        module in _PASSING_MODULES
        or module == __name__
        or (module.startswith(_PRIMITIVES) and not _is_unfinished(module, frame.f_code.co_name))
        or id(frame.f_code) in _PASSING
    )


def _is_unfinished(module: str, name: str) -> bool:
    """Whether a primitive's function goes on after a call into the language."""
    return f"{module.rpartition('.')[2]}.{name}" in UNFINISHED
