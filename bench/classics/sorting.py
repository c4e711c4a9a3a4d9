"""Sorting by hand: quicksort in place, merging by copies."""

from __future__ import annotations


class Sorting:
    """The benchmark."""

    def __init__(self) -> None:
        self.seed = 0

    def run(self) -> int:
        """Run it."""
        self.seed = 74_755
        elements = [0] * 3000
        for i in range(1, len(elements) + 1):
            elements[i - 1] = self.next_random()
        self.quick(elements, 1, len(elements))
        return elements[0] + elements[1499] + self.merged(elements[::-1])[0]

    def next_random(self) -> int:
        """The next number of a sequence that looks random."""
        self.seed = (self.seed * 1309 + 13_849) & 65_535
        return self.seed

    def quick(self, elements: list[int], low: int, high: int) -> None:
        """Sort the elements from low to high."""
        i = low
        j = high
        pivot = elements[(low + high) // 2 - 1]
        while i <= j:
            while elements[i - 1] < pivot:
                i = i + 1
            while pivot < elements[j - 1]:
                j = j - 1
            if i <= j:
                kept = elements[i - 1]
                elements[i - 1] = elements[j - 1]
                elements[j - 1] = kept
                i = i + 1
                j = j - 1
        if low < j:
            self.quick(elements, low, j)
        if i < high:
            self.quick(elements, i, high)

    def merged(self, elements: list[int]) -> list[int]:
        """The sorted elements."""
        if len(elements) < 2:
            return elements
        half = len(elements) // 2
        left = self.merged(elements[:half])
        right = self.merged(elements[half:])
        result: list[int] = []
        while left and right:
            if left[0] < right[0]:
                result.append(left[0])
                left = left[1:]
            else:
                result.append(right[0])
                right = right[1:]
        for each in left:
            result.append(each)
        for each in right:
            result.append(each)
        return result


def run() -> int:
    """Run the benchmark."""
    return Sorting().run()
