"""Every form in which a client may say what `debug` is to do; those that say nothing or too much are refused."""

import json
from typing import Any

import pytest

from protocol import OPERATIONS, Request, RequestError, decode


def debug(**parameters: Any) -> Request:
    """The request that a client's parameters are read as."""
    return decode(json.dumps({"command": "debug", "parameters": {"op_id": "k", **parameters}}).encode())


def refusal(**parameters: Any) -> RequestError:
    """The refusal of a client's parameters."""
    with pytest.raises(RequestError) as caught:
        debug(**parameters)
    return caught.value


@pytest.mark.parametrize("operation", ["StepInto", "step_into", "stepInto", "STEP_INTO"])
def test_a_word_is_known_in_either_spelling(operation: str) -> None:
    assert debug(operation=operation).parameters == {"operation": "StepInto"}


@pytest.mark.parametrize(
    "form",
    [
        {"operation": "SetBreakpoint", "file": "Foo>>bar", "line": 2},
        {"operation": {"SetBreakpoint": {"file": "Foo>>bar", "line": 2}}},
        {"operation": {"set_breakpoint": {"line": 2}}, "file": "Foo>>bar"},
        {"operation": {"set_breakpoint": "Foo>>bar"}, "line": 2},
        {"operation": {"SetBreakpoint": {"file": "Foo>>bar", "line": 2}}, "line": 2, "file": None},
    ],
)
def test_forms_that_mean_the_same_are_the_same_request(form: dict[str, Any]) -> None:
    read = debug(**form)
    assert read.parameters == {"operation": "SetBreakpoint", "file": "Foo>>bar", "line": 2}
    assert read.digest == debug(operation="SetBreakpoint", file="Foo>>bar", line=2).digest


@pytest.mark.parametrize(
    ("form", "meaning"),
    [
        ({"proceed_with": "3"}, {"operation": "Continue", "expression": "3"}),
        ({"restart_frame": 0}, {"operation": "RestartFrame", "frame": 0}),
        ({"return_value": "3", "frame": 1}, {"operation": "ReturnValue", "expression": "3", "frame": 1}),
        ({"abandon": True}, {"operation": "Abandon"}),
        ({"abandon": False, "restart_frame": 2}, {"operation": "RestartFrame", "frame": 2}),
    ],
)
def test_a_parameter_alone_may_name_the_operation(form: dict[str, Any], meaning: dict[str, Any]) -> None:
    assert debug(**form).parameters == meaning


@pytest.mark.parametrize(
    ("form", "meaning"),
    [
        ({"operation": "proceed_with", "proceed_with": "3"}, {"operation": "Continue", "expression": "3"}),
        ({"operation": "ProceedWith", "expression": "3"}, {"operation": "Continue", "expression": "3"}),
        ({"operation": {"return_value": "3"}}, {"operation": "ReturnValue", "expression": "3"}),
        ({"operation": {"Abandon": None}}, {"operation": "Abandon"}),
        ({"operation": {"abandon": True}}, {"operation": "Abandon"}),
        ({"operation": {"Continue": {}}}, {"operation": "Continue"}),
        ({"operation": {"GetLocalVars": 3}}, {"operation": "GetLocalVars", "frame": 3}),
        ({"operation": {"create_method": "foo ^1"}}, {"operation": "CreateMethod", "source": "foo ^1"}),
        ({"operation": {"StepInto": {"expression": ""}}}, {"operation": "StepInto", "expression": ""}),
    ],
)
def test_the_argument_of_a_word_may_stand_alone(form: dict[str, Any], meaning: dict[str, Any]) -> None:
    assert debug(**form).parameters == meaning


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({}, "operation"),
        ({"abandon": False}, "operation"),
        ({"restart_frame": 1, "return_value": "3"}, "operation"),
        ({"operation": "Continue", "restart_frame": 1}, "operation"),
        ({"operation": "Dance"}, "operation"),
        ({"operation": {}}, "operation"),
        ({"operation": {"StepInto": {}, "StepOver": {}}}, "operation"),
        ({"operation": ["StepInto"]}, "operation"),
        ({"operation": 3}, "operation"),
        ({"operation": {"StepInto": 3}}, "operation.StepInto"),
        ({"operation": {"RestartFrame": 1}, "frame": 2}, "frame"),
        ({"operation": "set_variable", "name": "x"}, "expression"),
        ({"operation": "SetVariable", "expression": "3"}, "name"),
        ({"operation": "ReturnValue"}, "expression"),
        ({"operation": "CreateMethod"}, "source"),
        ({"operation": "SetBreakpoint", "line": 2}, "file"),
        ({"operation": "SetBreakpoint", "class_name": "Foo"}, "file"),
        ({"operation": "SetBreakpoint", "file": "Foo>>bar", "line": 0}, "line"),
        ({"restart_frame": "one"}, "frame"),
        ({"restart_frame": -1}, "frame"),
        ({"operation": "StepInto", "context": ""}, "context"),
        ({"operation": {"Continue": {"bogus": 1}}}, "operation.Continue.bogus"),
        ({"operation": {"Continue": {"bogus": None}}}, "operation.Continue.bogus"),
        ({"operation": {"Continue": {"proceed_with": "3"}}}, "operation.Continue.proceed_with"),
        ({"operation": {"Continue": {"operation": "Continue"}}}, "operation.Continue.operation"),
        ({"return_value": {"expresion": "3"}}, "operation.ReturnValue.expresion"),
        ({"proceed_with": ""}, "expression"),
        ({"operation": "Continue", "expression": " \n"}, "expression"),
        ({"operation": {"Resume": ""}}, "expression"),
        ({"return_value": ""}, "expression"),
        ({"operation": "SetVariable", "name": "x", "expression": ""}, "expression"),
        ({"operation": "SetBreakpoint", "file": "Foo>>bar", "class_name": "Object", "method_name": "bar"}, "file"),
        ({"operation": "SetBreakpoint", "file": "Foo>>bar", "class_name": "Foo", "method_name": "baz"}, "file"),
        ({"operation": "RemoveBreakpoint", "file": "Foo>>bar", "selector": "baz"}, "file"),
        ({"operation": "SetBreakpoint", "file": "Foo>>bar", "is_class_method": True}, "file"),
        ({"operation": "SetBreakpoint", "file": "Foo class>>bar", "class_name": "Foo"}, "file"),
    ],
)
def test_what_says_nothing_or_two_things_or_lacks_something_is_refused(form: dict[str, Any], field: str) -> None:
    error = refusal(**form)
    assert (error.error_type, error.details["field"]) == ("InvalidRequest", field)


def test_a_name_that_is_mistyped_in_a_map_is_refused_with_the_one_that_was_meant() -> None:
    error = refusal(operation={"Continue": {"expresion": "3"}})
    assert (error.details["suggestion"], "'expresion'" in error.message) == ("expression", True)
    assert refusal(operation={"Continue": {3: 1, "x" * 10_000: 2}}).error_type == "InvalidRequest"


def test_a_map_may_hold_every_parameter_of_the_table_but_those_that_name_the_operation() -> None:
    table = OPERATIONS["debug"]
    names = {name for each in table.required + table.optional for name in (each.name, *each.aliases)}
    naming = {"proceed_with", "restart_frame", "return_value", "abandon", "operation"}
    assert naming < names
    # A map is no value of any of them: what is known is refused by the table, under its own name.
    told = {name: refusal(operation={"StepInto": {name: {}}}).details["field"] for name in names}
    assert told == {name: f"operation.StepInto.{name}" if name in naming else name for name in names}


@pytest.mark.parametrize(
    "parts",
    [
        {"file": "Foo>>bar", "class_name": "Foo", "method_name": "bar"},
        {"file": "Foo class >> #bar", "class_name": "Foo", "is_class_method": True, "selector": "bar"},
        {"file": "Foo class>>bar", "class_name": "Foo class"},
        {"file": "Foo class>>bar", "is_class_method": False},
    ],
)
def test_the_method_of_a_breakpoint_may_be_named_twice(parts: dict[str, Any]) -> None:
    assert debug(operation="SetBreakpoint", **parts).parameters["file"] == parts["file"]


def test_the_method_of_a_breakpoint_may_be_named_in_two_parts() -> None:
    parameters = {"class_name": "Foo", "method_name": "bar", "is_class_method": True}
    assert debug(operation="RemoveBreakpoint", **parameters).parameters == {
        "operation": "RemoveBreakpoint",
        **parameters,
    }


@pytest.mark.parametrize(
    ("operation", "is_kept"), [("GetStackTrace", False), ("ListContexts", False), ("Continue", True)]
)
def test_what_only_reads_takes_no_part_in_exactly_once(operation: str, is_kept: bool) -> None:
    read = debug(operation=operation)
    assert (read.op_id is not None, bool(read.digest)) == (is_kept, is_kept)
