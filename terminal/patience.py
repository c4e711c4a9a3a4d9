"""How long a client waits, and how often it asks again.

The figures are those of the documented client: 5 s for an answer, 3 attempts, at most 1 s between two, 1 s for what is
still to be sent when it leaves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from typing import Final

#: Operations that wait in the session's queue, possibly behind an evaluation that uses all its processor time.
QUEUED_OPERATIONS: Final = frozenset(
    {
        "evaluate",
        "debug",
        "read_text",
        "inspect",
        "navigate",
        "select",
        "view",
        "define_view",
        "inspector_state",
        "browse_class",
        "list_classes",
        "get_method",
        "get_class_tree",
        "get_method_categories",
        "get_method_list",
        "get_method_code",
        "search_classes",
        "search_methods",
        "complete",
        "senders",
        "implementors",
        "references",
        "file_in",
        "file_out",
        "run_tests",
        "method_versions",
        "restore_method",
        "diff",
        "undo",
        "save_context",
        "load_context",
        "clear_context",
        "close_session",
    }
)
#: First pause; a server that was killed is back sooner than a second, and each further pause is twice as long.
_FIRST_PAUSE_S: Final = 0.1
#: Doublings after which every allowed pause has reached its maximum.
_DOUBLINGS_MAX: Final = 10


@dataclass(frozen=True, slots=True)
class Patience:
    """The waiting times of one client.

    Attributes:
        answer_s: Seconds within which the server must be reached, and must answer what it answers at once.
        queued_answer_s: Seconds for operations that may wait behind an evaluation: its default budgets, 30 s of
            processor time and 60 s of waiting; None waits as long as the connection lives.
        attempts: Times a request is sent at most; None never gives up.
        pause_s_max: Longest pause between two attempts.
        linger_s: Seconds that closing waits for what is still to be sent.
    """

    answer_s: float = 5.0
    queued_answer_s: float | None = 90.0
    attempts: int | None = 3
    pause_s_max: float = 1.0
    linger_s: float = 1.0

    def wait_s(self, operation: str) -> float | None:
        """Return how long one attempt of an operation waits for its answer; None is without end."""
        return self.queued_answer_s if operation in QUEUED_OPERATIONS else self.answer_s

    def pauses_s(self) -> Iterator[float]:
        """Yield the pause before each attempt; the first begins at once."""
        yield 0.0
        pauses = (min(_FIRST_PAUSE_S * 2 ** min(n, _DOUBLINGS_MAX), self.pause_s_max) for n in count())
        yield from islice(pauses, None if self.attempts is None else self.attempts - 1)
