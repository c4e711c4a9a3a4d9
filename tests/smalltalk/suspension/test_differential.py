"""Goal: stopping a computation anywhere changes nothing that can be seen.

Method: the snippets run in generated code and, beside that, in either engine with stops before sends, arithmetic and
safe points: densely at first, then ever more sparsely. At each stop the stack is captured and all frames are left; some
go on in the same image, some in an image restored from records, some in a process that has nothing but the records.
Answers, Transcript and variables must be the same. `sampling.py` says how much of this is tried.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.smalltalk import harness

from .elsewhere import Elsewhere
from .sampling import PERCENT, generator, is_chosen
from .stops import At, Whim
from .subject import Subject

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from pathlib import Path

#: How the gap between two stops grows in a sample; all of them are tried when everything is.
GROWTH = 0.0 if PERCENT >= 100 else 2.0

#: Stops in one computation, and the places it has them at: loops have thousands of turns.
STOPS_MAX = 1_000 if PERCENT >= 100 else 30
PLACES_MAX = 100_000 if PERCENT >= 100 else 5_000

#: Places among which the one is chosen at which a computation goes to another process.
PLACES = 60

#: How many snippets of a sample go on in another process, of each file.
ELSEWHERE_PER_FILE = 1


def differences(path: Path, chance: random.Random) -> Iterator[tuple[int, object, object]]:
    """Line, answer and what it should be, of the chosen snippets of a file that answer something else."""
    plain, subject = Subject(), Subject()
    for snippet in harness.read_snippets(path):
        wanted = plain.generated(snippet.source)
        if not is_chosen(chance):
            subject.generated(snippet.source)
            continue
        run = chance.choice((subject.stopped, subject.restored))
        whim = Whim(chance.getrandbits(32), GROWTH, STOPS_MAX, PLACES_MAX)
        answer = run(snippet.source, whim, is_interpreted=chance.random() < 1 / 2)
        if answer != wanted:
            yield snippet.line, answer, wanted


@pytest.mark.parametrize("path", harness.snippet_files(), ids=lambda path: path.stem)
def test_snippets_that_are_stopped_show_nothing_of_it(path: Path) -> None:
    assert list(differences(path, generator(path.stem))) == []


def test_snippets_go_on_in_a_fresh_process() -> None:
    chance = generator("elsewhere")
    wrong = []
    with Elsewhere() as elsewhere:
        for path in harness.snippet_files():
            if PERCENT < 100 and chance.random() < 2 / 3:
                continue
            snippets = harness.read_snippets(path)
            chosen = chance.sample(range(len(snippets)), len(snippets) if PERCENT >= 100 else ELSEWHERE_PER_FILE)
            subject = Subject()
            for number, snippet in enumerate(snippets):
                before = subject.packed() if number in chosen else b""
                wanted = subject.generated(snippet.source)
                if number in chosen:
                    place = At(chance.randrange(PLACES))
                    answer = Subject.unpacked(before).elsewhere(snippet.source, place, elsewhere, is_interpreted=False)
                    if answer not in (None, wanted):
                        wrong.append((path.stem, snippet.line, answer, wanted))
                    if number == max(chosen):
                        break
    assert wrong == []
