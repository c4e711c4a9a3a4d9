"""A detector of collisions between aircraft: vectors, a balanced tree, cells of space."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Vector:
    """A point in space."""

    def __init__(self, x: float, y: float, z: float) -> None:
        self.x = x
        self.y = y
        self.z = z

    def plus(self, other: Vector) -> Vector:
        """The sum."""
        return Vector(self.x + other.x, self.y + other.y, self.z + other.z)

    def minus(self, other: Vector) -> Vector:
        """The difference."""
        return Vector(self.x - other.x, self.y - other.y, self.z - other.z)

    def times(self, factor: float) -> Vector:
        """The multiple."""
        return Vector(self.x * factor, self.y * factor, self.z * factor)

    def dot(self, other: Vector) -> float:
        """The product."""
        return self.x * other.x + (self.y * other.y) + (self.z * other.z)

    def square(self) -> float:
        """The product with itself."""
        return self.dot(self)


class Motion:
    """What an aircraft did since the last frame."""

    def __init__(self, sign: int, start: Vector, stop: Vector) -> None:
        self.sign = sign
        self.start = start
        self.stop = stop

    def collides_with(self, other: Motion) -> bool:
        """Whether both came too near to each other."""
        start = other.start.minus(self.start)
        velocity = (other.stop.minus(other.start)).minus(self.stop.minus(self.start))
        a = velocity.square()
        b = 2.0 * start.dot(velocity)
        c = start.square() - 1.0
        if a == 0.0:
            return c <= 0.0
        discriminant = b * b - (4.0 * a * c)
        if discriminant < 0.0:
            return False
        root = math.sqrt(discriminant)
        first = (0.0 - b - root) / (2.0 * a)
        last = (root - b) / (2.0 * a)
        return first <= 1.0 and last >= 0.0


class Tree:
    """A balanced tree (Andersson, 1993)."""

    def __init__(self, key: int, value: Vector) -> None:
        self.key = key
        self.value = value
        self.left: Tree | None = None
        self.right: Tree | None = None
        self.level = 1

    def at(self, key: int) -> Vector | None:
        """The value of a key."""
        node: Tree | None = self
        while node is not None:
            if node.key == key:
                return node.value
            node = node.left if key < node.key else node.right
        return None

    def put(self, key: int, value: Vector) -> Tree:
        """Store a value; answer the tree's new top."""
        if self.key == key:
            self.value = value
            return self
        if key < self.key:
            self.left = Tree(key, value) if self.left is None else self.left.put(key, value)
        else:
            self.right = Tree(key, value) if self.right is None else self.right.put(key, value)
        return self.skewed().split()

    def skewed(self) -> Tree:
        """Turn right where the left child is level."""
        if not (self.left is not None and self.left.level == self.level):
            return self
        top = self.left
        self.left = top.right
        top.right = self
        return top

    def split(self) -> Tree:
        """Turn left where two right children are level."""
        if not (self.right is not None and (self.right.right is not None and self.right.right.level == self.level)):
            return self
        top = self.right
        self.right = top.left
        top.left = self
        top.rise()
        return top

    def rise(self) -> None:
        """Go up one level."""
        self.level = self.level + 1

    def values_do(self, block: Callable[[Vector], None]) -> None:
        """Call the block with each value."""
        if self.left is not None:
            self.left.values_do(block)
        block(self.value)
        if self.right is not None:
            self.right.values_do(block)


class Detector:
    """Counts collisions, frame by frame."""

    def __init__(self) -> None:
        self.places: Tree | None = None

    def count(self, aircraft: int, time: int) -> int:
        """The collisions of one frame."""
        motions: list[Motion] = []
        for sign in range(1, aircraft + 1):
            position = self.position_of(sign, time)
            former = position
            if self.places is not None:
                former = self.places.at(sign) or position
            self.places = Tree(sign, position) if self.places is None else self.places.put(sign, position)
            motions.append(Motion(sign, former, position))
        voxels: dict[int, list[Motion]] = {}
        for motion in motions:
            key = self.cell_of(motion.start.x) * 1000 + self.cell_of(motion.start.y)
            cell = voxels.get(key)
            if cell is None:
                cell = []
                voxels[key] = cell
            cell.append(motion)
        found = 0
        for each in voxels.values():
            found = found + self.collisions_in(each)
        return found

    def cell_of(self, coordinate: float) -> int:
        """The cell of a coordinate."""
        return math.floor(coordinate / 10.0)

    def position_of(self, sign: int, time: int) -> Vector:
        """Where an aircraft is."""
        angle = time * 0.1 + (sign * 0.5)
        return Vector(
            50.0 + (math.cos(angle) * (20.0 + (sign % 5))),
            50.0 + (math.sin(angle) * (20.0 + (sign % 3))),
            10.0 + (sign % 2),
        )

    def collisions_in(self, motions: list[Motion]) -> int:
        """The collisions in one cell."""
        found = 0
        for i in range(1, len(motions)):
            one = motions[i - 1]
            for j in range(i + 1, len(motions) + 1):
                if one.collides_with(motions[j - 1]):
                    found = found + 1
        return found

    def checksum(self) -> int:
        """A number that depends on all places."""
        total = 0.0

        def add(each: Vector) -> None:
            nonlocal total
            total = total + each.square()

        assert self.places is not None
        self.places.values_do(add)
        return math.floor(total)


class CD:
    """The benchmark."""

    def run(self) -> int:
        """Run it."""
        detector = Detector()
        found = 0
        for time in range(15):
            found = found + detector.count(40, time)
        return detector.checksum() * 1000 + found


def run() -> int:
    """Run the benchmark."""
    return CD().run()
