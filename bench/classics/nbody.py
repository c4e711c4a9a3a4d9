"""Bodies that attract each other: floating point in instance variables."""

from __future__ import annotations

import math


class Body:
    """One body."""

    def __init__(self, x: float, y: float, z: float, vx: float, vy: float, vz: float, mass: float) -> None:
        self.x = x
        self.y = y
        self.z = z
        self.vx = vx
        self.vy = vy
        self.vz = vz
        self.mass = mass

    def move(self, dt: float) -> None:
        """Go on with the present speed."""
        self.x = self.x + dt * self.vx
        self.y = self.y + dt * self.vy
        self.z = self.z + dt * self.vz


class NBody:
    """The benchmark."""

    def __init__(self) -> None:
        self.bodies: list[Body] = []

    def run(self) -> int:
        """Run it."""
        self.bodies = []
        for i in range(5):
            self.bodies.append(
                Body(1.5 * i, 0.25 * i, -0.1 * i, 0.3 - (0.1 * i), 0.2 * i, 0.01 * i, 1.0 / (1 + (i * i)))
            )
        for _ in range(400):
            self.advance(0.001)
        return round(self.energy() * 1_000_000)

    def advance(self, dt: float) -> None:
        """Let that much time pass."""
        for i in range(1, len(self.bodies) + 1):
            a = self.bodies[i - 1]
            for j in range(i + 1, len(self.bodies) + 1):
                b = self.bodies[j - 1]
                dx = a.x - b.x
                dy = a.y - b.y
                dz = a.z - b.z
                square = dx * dx + (dy * dy) + (dz * dz) + 0.01
                magnitude = dt / (square * math.sqrt(square))
                a.vx = a.vx - (dx * b.mass * magnitude)
                a.vy = a.vy - (dy * b.mass * magnitude)
                a.vz = a.vz - (dz * b.mass * magnitude)
                b.vx = b.vx + (dx * a.mass * magnitude)
                b.vy = b.vy + (dy * a.mass * magnitude)
                b.vz = b.vz + (dz * a.mass * magnitude)
        for each in self.bodies:
            each.move(dt)

    def energy(self) -> float:
        """The energy of all bodies."""
        total = 0.0
        for i in range(1, len(self.bodies) + 1):
            a = self.bodies[i - 1]
            total = total + (0.5 * a.mass * (a.vx * a.vx + (a.vy * a.vy) + (a.vz * a.vz)))
            for j in range(i + 1, len(self.bodies) + 1):
                b = self.bodies[j - 1]
                dx = a.x - b.x
                dy = a.y - b.y
                dz = a.z - b.z
                total = total - (a.mass * b.mass / math.sqrt(dx * dx + (dy * dy) + (dz * dz) + 0.01))
        return total


def run() -> int:
    """Run the benchmark."""
    return NBody().run()
