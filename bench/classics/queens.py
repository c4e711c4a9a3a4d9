"""All ways to place seven queens."""

from __future__ import annotations


class Queens:
    """The benchmark."""

    def __init__(self) -> None:
        self.found = 0
        self.rows: list[int] = []
        self.free_rows: list[bool] = []
        self.free_rising: list[bool] = []
        self.free_falling: list[bool] = []

    def run(self) -> int:
        """Run it."""
        self.found = 0
        self.rows = [0] * 7
        self.free_rows = [True] * 7
        self.free_rising = [True] * 14
        self.free_falling = [True] * 14
        self.place(1)
        return self.found

    def place(self, column: int) -> None:
        """Place queens from a column on."""
        for row in range(1, 8):
            if self.is_free(row, column):
                self.rows[column - 1] = row
                self.take(row, column, is_free=False)
                if column == 7:
                    self.found = self.found + 1
                else:
                    self.place(column + 1)
                self.take(row, column, is_free=True)

    def is_free(self, row: int, column: int) -> bool:
        """Whether no queen attacks that square."""
        return self.free_rows[row - 1] and (self.free_rising[column + row - 2] and self.free_falling[column - row + 6])

    def take(self, row: int, column: int, *, is_free: bool) -> None:
        """Take a square's lines, or free them."""
        self.free_rows[row - 1] = is_free
        self.free_rising[column + row - 2] = is_free
        self.free_falling[column - row + 6] = is_free


def run() -> int:
    """Run the benchmark."""
    return Queens().run()
