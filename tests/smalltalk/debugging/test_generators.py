"""What the block of a generator signals and nobody handles waits in the reader, and goes on in the block."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smalltalk import UnresumableError

if TYPE_CHECKING:
    from tests.smalltalk.debugging.conftest import Debugged

DOUBLED = "(Generator on: [:out | [out yield: 1; yield: 1 / 0; yield: 3] ensure: [Transcript show: 'end']])"


@pytest.mark.parametrize("restarts", [False, True])
def test_the_block_goes_on_with_the_value_that_the_reader_proceeds_with(session: Debugged, restarts: bool) -> None:
    context_id = session.wait(f"{DOUBLED} collect: [:each | each * 2]")
    if restarts:
        session.restart()
    outcome = session.do("proceed", context_id, code="7")
    assert (outcome.failure, outcome.result, outcome.transcript) == (None, "#(2 14 6)", "end")


@pytest.mark.parametrize("restarts", [False, True])
def test_trying_again_signals_the_same_error_once_more(session: Debugged, restarts: bool) -> None:
    context_id = session.wait(f"{DOUBLED} collect: [:each | each * 2]")
    if restarts:
        session.restart()
    again = session.do("retry", context_id)
    assert (again.failure.error_class, again.context_id) == ("ZeroDivide", context_id)
    assert session.answer("proceed", context_id, code="7") == "#(2 14 6)"


def test_a_handler_of_the_reader_may_read_on(session: Debugged) -> None:
    """The block goes on with nil then, and its next value is the handler's."""
    code = f"g := {DOUBLED}. {{g next. [g next] on: ZeroDivide do: [:e | g next -> g next]. g next}}"
    assert session.run(code) == "{1. nil->3. nil}"


@pytest.mark.parametrize("restarts", [False, True])
def test_giving_the_reader_up_ends_the_block(session: Debugged, restarts: bool) -> None:
    session.run(f"g := {DOUBLED}")
    context_id = session.wait("g collect: [:each | each * 2]")
    if restarts:
        session.restart()
    assert session.do("abandon", context_id).transcript == "end"
    assert session.run("{g atEnd. g next}") == "#(true nil)"


def test_the_reader_that_begins_a_frame_anew_finds_the_block_ended(session: Debugged) -> None:
    session.run(f"g := {DOUBLED}")
    context_id = session.wait("g next. g next")
    frame = len(session.methods(context_id)) - 1
    assert session.answer("restart_frame", context_id, frame) == "nil"


def test_a_method_is_created_where_its_message_was_sent_only(session: Debugged) -> None:
    """The block of a generator sends it in a process of its own; the reader goes on with a value instead."""
    context_id = session.wait("(Generator on: [:out | out yield: nil foo]) next")
    with pytest.raises(UnresumableError, match="nothing in this stack sent the message"):
        session.do("create_method", context_id, "foo ^3")
    assert session.answer("proceed", context_id, code="4") == "4"
