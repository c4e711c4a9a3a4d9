"""Files that are no session: each is refused with its place and the reason, and nothing else can happen."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smalltalk import SessionFileError
from smalltalk.sessionfiles import reader
from smalltalk.sessionfiles.limits import NESTING_MAX, OIDS_MAX
from smalltalk.sessionfiles.stonreader import StonText
from tests.smalltalk.lifetimes import Lifetimes
from tests.smalltalk.sessionfiles.filed import body_of, contents_of, ended, read, sealed, written

PLACE = re.compile(r"(Line \d+(, column \d+)?|Byte \d+): ")


@pytest.fixture(scope="module")
def data() -> bytes:
    """The file of a session with a class, a graph, a block and an error that waits."""
    session = Lifetimes()
    session.run("Object subclass: #Counter instanceVariableNames: 'n' classVariableNames: '' package: 'Demo'")
    session.run("Counter compile: 'bump ^n := (n ifNil: [0]) + 1'")
    session.run("c := Counter new. c bump. d := Dictionary new. d at: 'key' put: d; at: c put: #[0 255]")
    session.run("b := [:x | c bump + x]. list := OrderedCollection with: 1/3 with: $a with: 'some text'")
    session.fail("[:x | x zork] value: 1")
    return written(contents_of(session, [{"seq": 1, "code": "3 + 4"}]))


def refusal(data: bytes) -> str:
    """Why a file is refused."""
    with pytest.raises(SessionFileError) as caught:
        read(data)
    return str(caught.value)


def why_not(reading: Any) -> str:
    """Why a text is refused, empty if it is not; another error is a defect."""
    try:
        reading()
    except SessionFileError as refused:
        return str(refused)
    return ""


def test_a_file_that_was_cut_anywhere_is_refused(data: bytes) -> None:
    for end in [*range(0, len(data) - 1, 97), len(data) - 2, len(data) - 3]:
        assert PLACE.match(refusal(data[:end]))


def test_a_file_that_was_changed_anywhere_is_refused(data: bytes) -> None:
    for place in range(0, len(data), 61):
        for bit in (1, 16, 128):
            changed = bytearray(data)
            changed[place] ^= bit
            assert PLACE.match(refusal(bytes(changed)))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Byte 0: this is no session file"),
        (b"OrderedCollection[1,2]", "Byte 0: this is no session file"),
        (b"{\n#format:'stui-session',\n#version:1,\n", "cut short"),
        (
            sealed("{\n#format:'stui-session',\n#version:2,\n"),
            "Line 3: the file was written by a newer server (format 2",
        ),
        (sealed("{\n#format:'stui-session',\n#version:'1',\n"), "Line 3: the file says no version"),
        (sealed("{\n#format:'other',\n#version:1,\n"), "Line 1: this is no session file"),
        (sealed("{\n#format:'stui-session',\n#version:1,\n"), "a part is missing"),
        (sealed("{\n#format:'\xff\ud800\n"), "no UTF-8"),
    ],
)
def test_what_is_no_session_file_of_a_known_version(content: bytes, reason: str) -> None:
    assert reason in refusal(content)


#: What is put in the place of a piece of the file, with a checksum that is right, and the reason it is refused for.
EDITS = [
    (r"#variables:\{#n:1\}", "#variables:{#m:1}", "the variables are not those of the class: n"),
    (r"#class:#Counter,#shape", "#class:#Kounter,#shape", "the shape of the object is that of Counter, not of Kounter"),
    (r"#class:#Dictionary", "#class:#Dictionory", "there is no kernel class Dictionory"),
    (r"#class:#Dictionary", "#class:#SmallInteger", "no kernel class SmallInteger that a file may have objects of"),
    (r"#class:#Dictionary", "#class:#Metaclass", "no kernel class Metaclass"),
    (r"#class:#Dictionary", "#class:#SmalltalkImage", "no kernel class SmalltalkImage"),
    (r"#class:#Dictionary", "#class:#'%Class'", "no kernel class %Class"),
    (r"#kind:#Binding", "#kind:#Bindung", "says of which class or kind it is"),
    (r"#kind:#Binding", "#kind:#Box", "the fields of a Box are"),
    (r"#value:\[(\d+)\]", "#value:[999999]", "object 999999 is referred to, but not in the file"),
    (r"#value:\[(\d+)\]", r"#value:[-\1]", "is referred to, but not in the file"),
    (r"#value:\[(\d+)\]", "#value:[1,2,3]", "a reference is a list with the id of an object"),
    (r"#value:\[(\d+)\]", "#value:'text'", "a string stands where only symbols can"),
    (r"#value:\[(\d+)\]", "#value:{#kernel:#Os}", "knows nothing called|no kernel class Os"),
    (r"#value:\[(\d+)\]", "#value:{#character:99999999}", "the code of a character was expected"),
    (r"#value:\[(\d+)\]", "#value:{#a:1,#b:2}", "a map as a value has one entry"),
    (r"#value:\[(\d+)\]", "#value:{#what:[1]}", "the key #what stands for nothing that is known"),
    (r"#value:\[(\d+)\]", r"#value:[\1,#'%Page']", "the second part of a reference is a class or a shape"),
    (r"\{#id:(\d+),#kind:#Binding", r"{#id:1,#kind:#Binding", "object 1 stands in the file twice"),
    (r"\{#id:(\d+),#kind:#Binding", r"{#id:0,#kind:#Binding", "an object has an id from 1"),
    (r"\{#id:(\d+),#kind:#Binding", r"{#id:'x',#kind:#Binding", "an object has an id from 1"),
    (r"\{#id:(\d+),#kind:#Binding", r"[\1,#kind,#Binding", "a comma or the end of the list was expected"),
    (r"#next_id:\d+", "#next_id:3", "an object has an id from 1 to below 3"),
    (r"#next_id:\d+", f"#next_id:{OIDS_MAX + 1}", "next_id is no number up to"),
    (r"#next_id:\d+", f"#next_id:1{'0' * 400}", "more than 300 digits"),
    (r"#kind:#Root", "#kind:#Table", "object 1, and no other, must be the Root|the fields of a Table"),
    (
        r"#superclass:\{#kernel:#Object\}",
        "#superclass:7",
        "#superclass holds a integer, and may hold Class or class or nil",
    ),
    (r"#name:'Counter'", "#name:nil", "the shape of the object|#name holds a nil"),
    (r"#bytes:'00ff'", "#bytes:'00f'", "no bytes in base 16"),
    (r"#bytes:'00ff'", "#items:[nil]", "make no session"),
    (r"#text:'some text'", "#text:#some", "a string was expected as the text"),
    (r"#text:'some text'", "#text:'a',#items:[]", "an object has either"),
    (r"#text:'some text'", "#text:'\\q'", "is no escape"),
    (r"#text:'some text'", "#itmes:[]", "an entry that objects have not"),
    (r"#entries:\[\[", "#entries:[[1],[", "an entry has too few parts"),
    (r"'code':'3 \+ 4'", "'code':#symbol", "has no place in plain data"),
    (r"'code':'3 \+ 4'", "'code':1,'code':2", "the key stands here twice"),
    (r"'code':'3 \+ 4'", "'code':OrderedCollection[1]", "a value was expected"),
    (r"'code':'3 \+ 4'", "'code':@1", "a value was expected"),
    (r"'code':'3 \+ 4'", f"'code':{'[' * 5_000}{']' * 5_000}", f"nest more than {NESTING_MAX} deep"),
    (r"'code':'3 \+ 4'", f"'code':{'{1:' * 200}1{'}' * 200}", f"nest more than {NESTING_MAX} deep"),
    (r"#history:\[", "#history:{", "a colon was expected|a key was expected"),
    (r"#savepoints:\[\]", "#savepoints:[1]", "a savepoint has name"),
    (r"#savepoints:\[\]", "#savepoints:nil", "#savepoints must be a list"),
    (r"#blocks:\[", "#blokks:[", "a part is missing"),
    (r"#number:\d+", "#number:700", "make no session"),
    (r"#text:'b := ", "#text:'b := [", "make no session"),
]


@pytest.mark.parametrize(("pattern", "replacement", "reason"), EDITS)
def test_an_edited_file_with_a_right_checksum_is_refused(
    data: bytes, pattern: str, replacement: str, reason: str
) -> None:
    edited, count = re.subn(pattern, replacement.replace("\\q", "\\\\q"), body_of(data), count=1)
    assert count == 1
    text = refusal(sealed(edited))
    assert re.search(reason, text), text
    assert PLACE.match(text) or text.startswith("The objects of the file make no session: ")


def test_a_file_beyond_the_limit_is_not_even_looked_at(data: bytes, monkeypatch: Any) -> None:
    monkeypatch.setattr(reader, "FILE_BYTES_MAX", len(data) - 1)
    assert "more than" in refusal(data)


def test_a_refusal_names_the_line(data: bytes) -> None:
    lines = body_of(data).split("\n")
    number = next(number for number, line in enumerate(lines, 1) if "'some text'" in line)
    assert refusal(sealed(body_of(data).replace("'some text'", "nil"))).startswith(f"Line {number}, column ")


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="[]{},:#'\\ux19.e-+ \nniltruefalsé@", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    reason = why_not(StonText(text).value)
    assert reason == "" or PLACE.match(reason)
    assert why_not(lambda: ended(StonText(text).steps())) == reason


@settings(max_examples=60, deadline=None)
@given(
    place=st.integers(0, 10**6), piece=st.sampled_from(["nil", "[1]", "[57]", "{}", "'x'", "#y", "-1", "1.5", "[[]]"])
)
def test_a_value_in_a_wrong_place_is_read_or_refused(data: bytes, place: int, piece: str) -> None:
    """Any one value of the file is replaced by another, with a right checksum."""
    body = body_of(data)
    values = list(re.finditer(r"(?<=:)(\[\d+\]|-?\d+|'[^'\\]*'|#\w+|nil|true|false)", body))
    chosen = values[place % len(values)]
    edited = sealed(body[: chosen.start()] + piece + body[chosen.end() :])
    assert re.match(rf"$|{PLACE.pattern}|The objects of the file make no session: ", why_not(lambda: read(edited)))
