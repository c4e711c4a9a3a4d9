"""Every limit stands in one table, and replies name limits as the tables do."""

import re
from pathlib import Path

import pytest

from actors.commands.config import reference_page
from actors.limits import SERVER_LIMITS
from actors.settings import LIMITING, ROWS
from protocol import LIMITS
from smalltalk import language_limits

ROOT = Path(__file__).parents[2]
#: How a failure's details name a limit in the source of the server.
NAMED = re.compile(r'(?:"limit": |overloaded\(text, )"(\w+)"')
#: The same where the limit is one of several, which a variable holds.
NAMED_SOMEHOW = re.compile(r'"limit": ("\w+"|limit)')
#: A bound that a request sets for itself.
OF_REQUESTS = {"timeout_ms"}
#: A bound that a module of the server defines by itself; a number's own facts (the highest port) are not of our making.
BARE = re.compile(r"^_?[A-Z_]+_MAX(?:: Final)? = [0-9(]", re.MULTILINE)
FACTS = {"_PORT_MAX: Final = 6"}


def _sources():
    return [path.read_text(encoding="utf-8") for path in sorted((ROOT / "actors").rglob("*.py"))]


def test_every_limit_a_reply_of_the_server_names_is_in_a_table():
    named = {name for source in _sources() for name in NAMED.findall(source)}
    assert {"savepoints_max", "state_bytes_max", "waiting_bytes_max", "queue_max"} <= named
    assert named <= SERVER_LIMITS.keys() | LIMITS.keys() | {row.name for row in ROWS} | OF_REQUESTS


def test_every_refusal_for_a_limit_of_the_server_names_it():
    """`RefusedError("LimitExceeded" or "Overloaded", ...)` has details in every place."""
    for source in _sources():
        for refusal in re.findall(r'RefusedError\(\s*"(?:LimitExceeded|Overloaded)".*?\n\s*\)\n', source, re.DOTALL):
            assert NAMED_SOMEHOW.search(refusal), refusal


def test_no_limit_of_the_server_is_defined_beside_the_table():
    assert {found for source in _sources() for found in BARE.findall(source)} == FACTS


def test_every_limit_of_the_table_is_used():
    assert set(re.findall(r'SERVER_LIMITS\["(\w+)"\]', "".join(_sources()))) == SERVER_LIMITS.keys()


def test_the_names_of_the_tables_do_not_collide():
    assert not SERVER_LIMITS.keys() & LIMITS.keys()


@pytest.mark.parametrize("name", SERVER_LIMITS)
def test_each_limit_of_the_server_says_what_and_why_and_is_on_the_page(name):
    limit = SERVER_LIMITS[name]
    assert limit.value > 0
    assert limit.unit
    assert limit.reason
    assert f"| `{name}` | {limit.value:,} {limit.unit} | {limit.reason} |" in reference_page()


def test_the_page_shows_every_limit_of_the_language():
    page = reference_page()
    for limit in language_limits():
        assert f"| `{limit.module}.{limit.name}` | {limit.value:,} | {limit.reason} |" in page


def test_describe_tells_the_limits_of_the_wire_and_of_the_server(client):
    told = client.result("describe")["limits"]
    fixed = {name: limit.value for name, limit in {**LIMITS, **SERVER_LIMITS}.items()}
    assert told == {**fixed, **{row.name: row.default for row in ROWS if row.name in LIMITING}}


def test_describe_tells_a_limit_as_it_is_set(make_server):
    client = make_server(message_bytes_max=20_000, queue_max=7).client()
    told = client.result("describe")["limits"]
    assert (told["message_bytes_max"], told["queue_max"]) == (20_000, 7)


def test_what_describe_tells_of_the_settings_are_numbers_of_the_table():
    assert {row.name for row in ROWS if row.kind is int} >= LIMITING
