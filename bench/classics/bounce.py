"""Balls in a box."""

from __future__ import annotations


class Random:
    """Numbers that look random."""

    def __init__(self) -> None:
        self.seed = 74_755

    def next(self) -> int:
        """The next number."""
        self.seed = (self.seed * 1309 + 13_849) & 65_535
        return self.seed


class Ball:
    """One ball."""

    def __init__(self, random: Random) -> None:
        self.x = random.next() % 500
        self.y = random.next() % 500
        self.x_speed = random.next() % 300 - 150
        self.y_speed = random.next() % 300 - 150

    def bounce(self) -> bool:
        """Move one step; whether a wall was hit."""
        self.x = self.x + self.x_speed
        self.y = self.y + self.y_speed
        bounced = False
        if self.x > 500:
            self.x = 500
            self.x_speed = 0 - abs(self.x_speed)
            bounced = True
        if self.x < 0:
            self.x = 0
            self.x_speed = abs(self.x_speed)
            bounced = True
        if self.y > 500:
            self.y = 500
            self.y_speed = 0 - abs(self.y_speed)
            bounced = True
        if self.y < 0:
            self.y = 0
            self.y_speed = abs(self.y_speed)
            bounced = True
        return bounced


class Bounce:
    """The benchmark."""

    def run(self) -> int:
        """Run it."""
        random = Random()
        balls: list[Ball] = [None] * 100  # type: ignore[list-item]  # filled next
        for i in range(1, 101):
            balls[i - 1] = Ball(random)
        bounces = 0
        for _ in range(1, 201):
            for ball in balls:
                if ball.bounce():
                    bounces = bounces + 1
        return bounces


def run() -> int:
    """Run the benchmark."""
    return Bounce().run()
