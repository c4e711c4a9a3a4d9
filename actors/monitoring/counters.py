"""What the server counts: plain numbers for `system_info`, in no way on the path of a decision."""

from dataclasses import asdict, dataclass


@dataclass(slots=True, eq=False, repr=False)
class Counters:
    """Totals since the start."""

    requests: int = 0
    refused_frames: int = 0
    evaluations: int = 0
    commits: int = 0
    commits_failed: int = 0
    replies: int = 0
    repeats: int = 0
    sessions_created: int = 0
    hibernations: int = 0
    sessions_evicted: int = 0
    sessions_restarted: int = 0

    def as_texts(self) -> dict[str, str]:
        """Return them as texts by name."""
        return {name: str(count) for name, count in asdict(self).items()}
