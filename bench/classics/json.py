"""A reader of JSON, a character at a time."""

from __future__ import annotations

from io import StringIO
from typing import Any


class Reader:
    """Reads one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.current: str | None = None
        self.advance()

    def read(self) -> Any:
        """The value."""
        self.skip_blanks()
        value = self.read_value()
        self.skip_blanks()
        if self.current is not None:
            raise ValueError("unexpected text")
        return value

    def advance(self) -> None:
        """Go on by one character."""
        self.position = self.position + 1
        self.current = None if self.position > len(self.text) else self.text[self.position - 1]

    def skip_blanks(self) -> None:
        """Skip white space."""
        while self.current is not None and (self.current == " " or self.current == "\n"):
            self.advance()

    def skip(self, character: str) -> bool:
        """Skip that character if it is the current one."""
        if self.current != character:
            return False
        self.advance()
        return True

    def expect(self, character: str) -> None:
        """Skip that character."""
        if not self.skip(character):
            raise ValueError("something is missing")

    def read_value(self) -> Any:
        """Any value."""
        if self.current == "{":
            return self.read_object()
        if self.current == "[":
            return self.read_array()
        if self.current == '"':
            return self.read_string()
        if self.current == "t":
            return self.read_word("true", value=True)
        if self.current == "f":
            return self.read_word("false", value=False)
        if self.current == "n":
            return self.read_word("null", value=None)
        return self.read_number()

    def read_word(self, word: str, *, value: Any) -> Any:
        """A constant."""
        for i in range(1, len(word) + 1):
            self.expect(word[i - 1])
        return value

    def read_array(self) -> list[Any]:
        """An array."""
        elements: list[Any] = []
        self.advance()
        self.skip_blanks()
        if self.skip("]"):
            return elements
        while True:
            self.skip_blanks()
            elements.append(self.read_value())
            self.skip_blanks()
            if not self.skip(","):
                break
        self.expect("]")
        return elements

    def read_object(self) -> dict[str, Any]:
        """An object."""
        members: dict[str, Any] = {}
        self.advance()
        self.skip_blanks()
        if self.skip("}"):
            return members
        while True:
            self.skip_blanks()
            key = self.read_string()
            self.skip_blanks()
            self.expect(":")
            self.skip_blanks()
            members[key] = self.read_value()
            self.skip_blanks()
            if not self.skip(","):
                break
        self.expect("}")
        return members

    def read_string(self) -> str:
        """A string."""
        self.expect('"')
        start = self.position
        while self.current != '"':
            self.advance()
        self.advance()
        return self.text[start - 1 : self.position - 2]

    def read_number(self) -> int:
        """A number."""
        is_negative = self.skip("-")
        value = 0
        while self.current is not None and self.current.isdigit():
            value = value * 10 + int(self.current)
            self.advance()
        return -value if is_negative else value


class Json:
    """The benchmark."""

    def run(self) -> int:
        """Run it."""
        document = Reader(self.text()).read()
        return self.weigh(document)

    def text(self) -> str:
        """The text."""
        stream = StringIO()
        stream.write("[")
        for i in range(1, 61):
            if i > 1:
                stream.write(", ")
            stream.write('{"id": ' + str(i) + ', "name": "item ' + str(i))
            stream.write('", "tags": ["red", "green", "blue"], "price": -' + str(i * 37))
            stream.write(', "stock": true, "parent": null, "sizes": [1, 2, 3, [4, 5]]}')
        stream.write("]")
        return stream.getvalue()

    def weigh(self, value: Any) -> int:
        """A number that depends on every value."""
        if value is None:
            return 1
        if value is True:
            return 2
        if isinstance(value, int):
            return value
        if isinstance(value, str):
            return len(value)
        total = 0
        for each in value.values() if isinstance(value, dict) else value:
            total = total + self.weigh(each)
        return total


def run() -> int:
    """Run the benchmark."""
    return Json().run()
