"""The format: STON that other readers read, the same at every time, files of the first version for ever."""

from __future__ import annotations

import hashlib
from pathlib import Path
from re import Match

from smalltalk.memory.contexts import STACK_FORMS
from smalltalk.memory.forms import _FIELD_FORMS
from smalltalk.memory.suspensions import SUSPENSION_FORMS
from smalltalk.sessionfiles.labels import LABELS, SECTIONS
from smalltalk.sessionfiles.stonreader import StonText
from tests.smalltalk.lifetimes import Lifetimes
from tests.smalltalk.sessionfiles.filed import contents_of, ended, opened, read, written
from tests.smalltalk.sessionfiles.small_ston import small_read

#: Written once by version 1; never written again.
GOLDEN = Path(__file__).parent / "golden" / "version-1.ston"
HISTORY = [
    {"seq": 1, "code": "it's \\ \n\t\u00e9 \U0001f600 \ud800", "time": 1.5e22, "big": 2**4000, "nan": float("nan")}
]


def a_session() -> Lifetimes:
    session = Lifetimes()
    session.run("Object subclass: #Counter instanceVariableNames: 'n' classVariableNames: '' package: 'Demo'")
    session.run("Counter compile: 'bump ^n := (n ifNil: [0]) + 1'")
    session.run(
        "c := Counter new. c bump. d := Dictionary new. d at: 'it''s' put: d; at: c put: #[0 255]; at: $x put: -1e-7"
    )
    session.run("b := [:x | c bump + x]. list := OrderedCollection withAll: {1/3. 2 ** 2000. 1e100. Float nan. #'a b'}")
    session.fail("[:x | x zork] value: 1")
    return session


def simple(tree: object) -> object:
    """What the program's reader read, as the small reader would; plain objects are left as they were found."""
    if isinstance(tree, Match):
        return small_read(tree[0].rstrip(",] \n"))
    if type(tree) is dict:
        return {simple(key): simple(value) for key, value in tree.items()}
    if type(tree) is list:
        return [simple(each) for each in tree]
    return tree if type(tree) is str or not isinstance(tree, str) else ("symbol", str(tree))


def test_a_reader_that_shares_nothing_with_the_writer_reads_the_same() -> None:
    data = written(contents_of(a_session(), HISTORY))
    tree = small_read(data.decode())
    assert repr(tree) == repr(simple(StonText(data.decode()).value()))
    assert repr(tree) == repr(simple(ended(StonText(data.decode()).steps())))
    assert tree["symbol", "format"] == "stui-session"
    assert tree["symbol", "history"][0]["code"] == HISTORY[0]["code"]
    texts = [each.get(("symbol", "text")) for each in tree["symbol", "objects"]]
    assert "it's" in texts


def test_the_language_itself_reads_a_session_file() -> None:
    text = written(contents_of(a_session())).decode()
    session = Lifetimes()
    literal = text.replace("'", "''")
    session.run(f"tree := STON fromString: '{literal}'")
    assert session.run("tree at: #format") == "'stui-session'"
    assert session.run("((tree at: #variables) collect: [:each | (each at: #fields) at: #name]) sort") == (
        "an OrderedCollection('b' 'c' 'd' 'list')"
        if session.run("(tree at: #variables) class") == "OrderedCollection"
        else "#('b' 'c' 'd' 'list')"
    )
    assert (
        session.run("((tree at: #classes) detect: [:each | (each at: #kind) = #Method]) at: #fields at: #source ") != ""
    )


def test_the_checksum_is_that_of_all_bytes_before_it() -> None:
    data = written(contents_of(a_session()))
    body, mark, rest = data.rpartition(b"#sha256:'")
    assert mark
    assert rest == hashlib.sha256(body).hexdigest().encode() + b"'\n}\n"


def test_each_object_stands_on_a_line_of_its_own() -> None:
    contents = contents_of(a_session())
    lines = [line for line in written(contents).decode().splitlines() if line.startswith("{#id:")]
    assert len(lines) == len(read(written(contents)).records)


def test_the_names_of_fields_are_as_many_as_the_fields() -> None:
    for form in (*_FIELD_FORMS, *STACK_FORMS, *SUSPENSION_FORMS):
        labels = LABELS[form.ref]
        values_count = len(form._names) - form._plain_count
        assert (len(labels.plain), len(labels.values)) == (form._plain_count, values_count), form.ref
        assert bool(labels.payload) == (form._store_elements is not None), form.ref
    assert {labels.section for labels in LABELS.values()} < set(SECTIONS)


def test_a_file_of_the_first_version_is_read_for_ever() -> None:
    contents = read(GOLDEN.read_bytes())
    assert contents.history[0]["code"] == HISTORY[0]["code"]
    session = opened(contents)
    assert session.run("c bump") == "2"
    assert session.run("(b value: 10) + ((d at: c) at: 2)") == "268"
    assert [each.context_id for each in session.image.debugger.contexts()] == ["c1"]
