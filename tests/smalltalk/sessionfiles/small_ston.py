"""A small STON reader of its own: one character after the other, nothing shared with the program.

Symbols come as `("symbol", name)`, so that they differ from strings.
"""

from __future__ import annotations

from typing import Any

ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}


class SmallSton:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def peek(self) -> str:
        while self.text[self.at].isspace():
            self.at += 1
        return self.text[self.at]

    def take(self, wanted: str) -> None:
        assert self.peek() == wanted, (self.at, self.text[self.at : self.at + 40])
        self.at += 1

    def read(self) -> Any:
        first = self.peek()
        if first == "[":
            return self.elements("]", self.read)
        if first == "{":
            return dict(self.elements("}", self.association))
        if first == "'":
            return self.string()
        if first == "#":
            self.at += 1
            return "symbol", (self.string() if self.text[self.at] == "'" else self.word())
        word = self.word("+")
        return {"nil": None, "true": True, "false": False}.get(word, ...) if word[0].isalpha() else number(word)

    def elements(self, end: str, read: Any) -> list[Any]:
        self.at += 1
        found = []
        while self.peek() != end:
            found.append(read())
            if self.peek() != end:
                self.take(",")
                assert self.peek() != end
        self.at += 1
        return found

    def association(self) -> tuple[Any, Any]:
        key = self.read()
        self.take(":")
        return key, self.read()

    def string(self) -> str:
        self.take("'")
        units = []
        while self.text[self.at] != "'":
            if self.text[self.at] == "\\":
                self.at += 1
                if self.text[self.at] == "u":
                    units.append(chr(int(self.text[self.at + 1 : self.at + 5], 16)))
                    self.at += 4
                else:
                    units.append(ESCAPES.get(self.text[self.at], self.text[self.at]))
            else:
                units.append(self.text[self.at])
            self.at += 1
        self.at += 1
        return "".join(units)

    def word(self, more: str = "") -> str:
        start = self.at
        while self.text[self.at].isalnum() or self.text[self.at] in "_./-" + more:
            self.at += 1
        return self.text[start : self.at]


def number(word: str) -> int | float:
    return float(word) if "." in word or "e" in word else int(word)


def small_read(text: str) -> Any:
    """The one value of a text."""
    reader = SmallSton(text + "\n ")
    value = reader.read()
    assert not reader.text[reader.at :].strip()
    return value
