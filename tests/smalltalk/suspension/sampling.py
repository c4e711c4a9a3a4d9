"""How much the differential tests try, and by which seed.

`STUI_SUSPENSION_SEED` replays a printed seed; `STUI_SUSPENSION_PERCENT` asks for more, 100 for everything.
"""

from __future__ import annotations

import os
import random

SEED = int(os.environ.get("STUI_SUSPENSION_SEED", random.SystemRandom().randrange(2**32)))

#: Share of the cases that are stopped. The default keeps all of these tests below half a minute.
PERCENT = float(os.environ.get("STUI_SUSPENSION_PERCENT", "3"))


def generator(name: str) -> random.Random:
    """The random numbers of one test; prints what replays it."""
    print(f"STUI_SUSPENSION_SEED={SEED} STUI_SUSPENSION_PERCENT={PERCENT:g}")  # noqa: T201 - to replay a failure
    return random.Random(f"{SEED} {name}")


def is_chosen(chance: random.Random) -> bool:
    """Whether a case is tried."""
    return chance.random() * 100 < PERCENT
