"""The one table: complete, consistent, described and documented."""

import json
from pathlib import Path

import msgpack
import pytest

from protocol import ERROR_TYPES, LIMITS, OPERATIONS, PROTOCOL_VERSION, Operation, Scope, describe
from protocol.operations.later import LATER_NAMES
from protocol.operations.model import COMMON_ERRORS
from protocol.reference import reference_page

PROMISED = (
    "ping describe health subscribe evaluate read_text inspect interrupt history create_session restore_session "
    "update_session_state close_session get_session_info list_client_sessions get_session_statistics "
    "undo diff save_context load_context get_context_summary clear_context validate_feature_access system_info "
    "browse_class list_classes get_method get_class_tree get_method_categories get_method_list get_method_code "
    "search_classes search_methods complete senders implementors references "
    "debug navigate select view define_view inspector_state file_in file_out run_tests method_versions restore_method"
)
READ_ONLY = (
    "ping describe health subscribe read_text history restore_session get_session_info list_client_sessions "
    "get_session_statistics browse_class list_classes get_method get_class_tree get_method_categories "
    "get_method_list get_method_code search_classes search_methods complete senders implementors references "
    "method_versions diff get_context_summary validate_feature_access system_info inspector_state file_out"
)
operations = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda each: each.name)


def test_the_table_holds_what_is_promised_and_nothing_of_later_versions() -> None:
    assert set(OPERATIONS) == set(PROMISED.split())
    assert not LATER_NAMES & {name for each in OPERATIONS.values() for name in (each.name, each.rust_name)}


def test_what_changes_state_takes_part_in_exactly_once() -> None:
    assert {name for name, each in OPERATIONS.items() if not each.mutates} == set(READ_ONLY.split())


@operations
def test_an_operation_is_wholly_described(operation: Operation) -> None:
    parameters = operation.required + operation.optional
    names = [name for each in parameters for name in (each.name, *each.aliases)]
    assert len(names) == len(set(names))
    assert operation.doc.endswith(".")
    assert operation.returns
    assert all(each.doc for each in (*parameters, *operation.returns))
    assert set(operation.errors) <= set(ERROR_TYPES)
    assert len(operation.errors) == len(set(operation.errors))
    assert not set(operation.errors) & set(COMMON_ERRORS)
    assert {name for group in operation.alternatives for name in group} <= {each.name for each in operation.optional}
    assert ("op_id" in names) is operation.mutates
    if operation.scope is Scope.SESSION:
        assert {"session_id", "client_id"} <= set(names)


@operations
def test_describe_tells_what_the_table_says(operation: Operation) -> None:
    told = describe()["operations"][operation.name]
    assert {"doc", "required", "optional", "returns", "errors", "since"} <= told.keys()
    assert list(told["required"]) == [each.name for each in operation.required]
    assert list(told["optional"]) == [each.name for each in operation.optional]


def test_describe_is_plain_and_fresh_each_time() -> None:
    first = describe()
    assert json.loads(json.dumps(first)) == first == msgpack.unpackb(msgpack.packb(first))
    first["operations"].clear()
    assert set(describe()["operations"]) == set(OPERATIONS)
    assert describe()["protocol"] == PROTOCOL_VERSION
    assert describe()["limits"] == {name: limit.value for name, limit in LIMITS.items()}
    assert set(describe()["dialects"]) == {"A", "A'", "B", "B0", "B'"}


def test_every_limit_has_a_unit_and_a_reason() -> None:
    assert all(limit.value > 0 and limit.unit and len(limit.reason) > 20 for limit in LIMITS.values())


def test_the_reference_page_is_what_the_tables_generate() -> None:
    page = Path(__file__).parents[2] / "docs" / "protocol.md"
    assert page.read_text() == reference_page(), "run: python -m protocol.reference > docs/protocol.md"
