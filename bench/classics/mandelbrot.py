"""The Mandelbrot set: floating point in loops."""

from __future__ import annotations


class Mandelbrot:
    """The benchmark."""

    def run(self) -> int:
        """Run it."""
        size = 40
        total = 0
        for y in range(size):
            ci = 2.0 * y / size - 1.0
            for x in range(size):
                cr = 2.0 * x / size - 1.5
                total = total + self.steps_for(cr, ci)
        return total

    def steps_for(self, cr: float, ci: float) -> int:
        """Steps until the point escapes."""
        zr = 0.0
        zi = 0.0
        zrr = 0.0
        zii = 0.0
        steps = 0
        while steps < 50 and zrr + zii <= 4.0:
            zi = 2.0 * zr * zi + ci
            zr = zrr - zii + cr
            zrr = zr * zr
            zii = zi * zi
            steps = steps + 1
        return steps


def run() -> int:
    """Run the benchmark."""
    return Mandelbrot().run()
