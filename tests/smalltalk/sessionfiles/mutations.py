"""Files that say something else than their session did, with checksums that are right: one change each, by a seed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from tests.smalltalk.sessionfiles.filed import body_of, sealed

if TYPE_CHECKING:
    from random import Random

#: A session with every kind of record, written by version 1; never written again.
ALL_KINDS = Path(__file__).parent / "golden" / "version-1-all-kinds.ston"

_HEAD = re.compile(r"\{#id:(\d+),")
_KIND = re.compile(r"#(?:kind|class):#(\w+)")
_REFERENCE = re.compile(r"(?<=[:,\[])\[\d+\](?=[,\]}])")
_VALUE = re.compile(r"(?<=[:,\[])(\[\d+\]|-?\d+|'(?:[^'\\]|\\.)*'|#[\w:]+|nil|true|false|\{#\w+:[^{}]*\})(?=[,\]}])")
_CLASSES = (
    "Array",
    "OrderedCollection",
    "Dictionary",
    "ByteString",
    "Process",
    "Error",
    "WeakSet",
    "Object",
    "Context",
)
_PIECES = (
    *("nil", "true", "-1", "0", "7", "18446744073709551616", "1.5", "'text'", "''", "#sym", "#ready", "[]", "[1,2,3]"),
    *("{#kernel:#Array}", "{#kernel:#'Array class'}", "{#kernel:#Smalltalk}", "{#kernel:#Nope}", "{#character:97}"),
    *("{#bytes:'00ff'}", "{#text:['abc']}", "{#names:[]}", "{#names:[#a]}", "{#names:[1]}", "{#list:[]}", "{#uses:[]}"),
    *("{#method:[{#kernel:#Integer},#factorial]}", "{#method:[{#kernel:#Integer},#nope]}", "{#symbol:[1]}"),
    *("{#class:[[{oid}]]}", "{#list:[[{oid}]]}", "{#uses:[[{oid}],{#names:[]},{#names:[]}]}", "[{oid},#Array]"),
    *("[{oid},#'%Page']", "[{oid},{oid}]", "{#hash:[1,2]}"),
)


class Mutant:
    """A file's text, line by line."""

    def __init__(self, random: Random) -> None:
        self.lines = body_of(ALL_KINDS.read_bytes()).split("\n")
        self._random = random
        self._places = [place for place, line in enumerate(self.lines) if _HEAD.match(line)]

    def data(self) -> bytes:
        """The file."""
        return sealed("\n".join(self.lines))

    def kind(self, place: int) -> str:
        """The kind or class of the object of a line."""
        found = _KIND.search(self.lines[place])
        assert found is not None
        return found[1]

    def places_of(self, kind: str) -> list[int]:
        """The lines of the objects of a kind or class."""
        return [place for place in self._places if self.kind(place) == kind]

    def place_of(self, oid: int) -> int:
        """The line of an object; a savepoint may have it, too, but before that."""
        return next(place for place in reversed(self._places) if self._oid(place) == str(oid))

    def edit(self, oid: int, pattern: str, replacement: str) -> None:
        """Let another text stand in the line of an object."""
        place = self.place_of(oid)
        self.lines[place], count = re.subn(pattern, lambda _: replacement, self.lines[place], count=1)
        assert count == 1, self.lines[place]

    def change(self) -> None:
        """Make one change of any sort."""
        self._random.choice((self._exchange, self._declare, self._refer, self._refer, self._replace, self._replace))()

    def exchange(self, one: int, other: int) -> None:
        """Let the objects of two lines have each other's ids."""
        former, latter = (f"{{#id:{self._oid(place)}," for place in (one, other))
        self.lines[one] = self.lines[one].replace(former, latter, 1)
        self.lines[other] = self.lines[other].replace(latter, former, 1)

    def _oid(self, place: int) -> str:
        found = _HEAD.match(self.lines[place])
        assert found is not None
        return found[1]

    def _any(self) -> int:
        """A line with an object; each kind is as likely."""
        kinds = sorted({self.kind(place) for place in self._places})
        return self._random.choice(self.places_of(self._random.choice(kinds)))

    def _exchange(self) -> None:
        self.exchange(self._any(), self._any())

    def _declare(self) -> None:
        """Let an object be of another class."""
        place = self._random.choice([each for each in self._places if "#kind:" not in self.lines[each]])
        self.lines[place] = _KIND.sub(f"#class:#{self._random.choice(_CLASSES)}", self.lines[place], count=1)
        if self._random.random() < 0.5:
            self.lines[place] = re.sub(r",#shape:\d+|,#variables:\{.*?\}(?=[,}])", "", self.lines[place])

    def _refer(self) -> None:
        """Let a reference mean another object."""
        self._put(_REFERENCE, f"[{self._oid(self._any())}]")

    def _replace(self) -> None:
        """Let anything stand in a value's place."""
        self._put(_VALUE, self._random.choice(_PIECES).replace("{oid}", self._oid(self._any())))

    def _put(self, pattern: re.Pattern[str], piece: str) -> None:
        place = self._any()
        line = self.lines[place]
        found = list(pattern.finditer(line, len("{#id:")))
        if found:
            chosen = self._random.choice(found)
            self.lines[place] = line[: chosen.start()] + piece + line[chosen.end() :]
