"""Building, splitting and reading strings."""

from __future__ import annotations

from io import StringIO


class Texts:
    """The benchmark."""

    def run(self) -> int:
        """Run it."""
        stream = StringIO()
        for i in range(1, 4001):
            stream.write(str(i))
            if i % 7 == 0:
                stream.write(",")
            stream.write(" ")
        text = stream.getvalue()
        words = text.split(" ")
        words.pop()
        return len(text) + len(words) + self.vowels_in(text.upper()) + len(self.joined(words))

    def vowels_in(self, text: str) -> int:
        """Count a character."""
        count = 0
        for i in range(1, len(text) + 1):
            if text[i - 1] == "1":
                count = count + 1
        return count

    def joined(self, words: list[str]) -> str:
        """Every tenth word."""
        result = ""
        for i in range(1, len(words) + 1, 10):
            result = result + words[i - 1] + "-"
        return result


def run() -> int:
    """Run the benchmark."""
    return Texts().run()
