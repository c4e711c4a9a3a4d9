"""The one table of settings: name, type, default, bounds and meaning of everything an operator may change.

Units stand last in the names. The table drives the configuration file, the environment (`STUI_` + the name in
capitals), the flags of `stui-server serve` and the page `docs/configuration.md`.
"""

from dataclasses import dataclass, field, fields
from typing import Any, Final, NamedTuple

from protocol import LIMITS

DAY_S: Final = 86_400
YEAR_S: Final = 366 * DAY_S
_MESSAGE_BYTES: Final = LIMITS["message_bytes_max"].value
_ENVELOPE_FRAMES: Final = LIMITS["envelope_frames_max"].value


class Bounds(NamedTuple):
    """What the table says of one setting beside its name, type and default.

    Attributes:
        doc: one sentence for the operator.
        minimum: smallest number allowed, None for settings that are not numbers.
        maximum: largest number allowed.
        choices: the values allowed, empty for any.
        flag: name of the flag where it is not the setting's own name with dashes.
    """

    doc: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    flag: str | None = None


def _setting(default: Any, doc: str, **bounds: Any) -> Any:
    return field(default=default, metadata={"bounds": Bounds(doc, **bounds)})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Settings:
    """All settings of one server process; immutable, made by `config.load`."""

    bind: str = _setting("tcp://127.0.0.1:5555", "Address to listen on; port 0 takes a free one.")
    insecure_bind: bool = _setting(
        default=False,
        doc="Allow an address that other machines can reach although there is no authentication.",
    )
    data: str = _setting("sessions", "Directory of the durable sessions; made if missing, readable by its owner.")
    http: str = _setting(
        "",
        "HOST:PORT of an HTTP port with /live, /ready and /metrics, for a private network: it asks nobody who he is;"
        " empty for none, port 0 takes a free one.",
    )
    workers: int = _setting(
        1,
        "Worker processes; with more than one, a front carries their messages and every client's sessions are in one.",
        minimum=1,
        maximum=64,
    )
    quarantine_worker: bool = _setting(
        default=True,
        doc="With several workers, have one more, of the lowest priority, for evaluations that hog the processor.",
    )
    watchdog_s: float = _setting(
        10.0,
        "Seconds after which a worker whose loop does not come round is killed and replaced; 0 for never. With one"
        " worker nobody watches.",
        minimum=0,
        maximum=3_600,
    )
    idle_timeout_s: float = _setting(
        3600.0,
        "Seconds without a request after which a session leaves memory; nothing is lost, any request wakes it.",
        minimum=0.01,
        maximum=YEAR_S,
        flag="--idle-timeout",
    )
    sweep_s: float = _setting(
        300.0,
        "Seconds between two searches for idle sessions and sessions past their retention.",
        minimum=0.01,
        maximum=DAY_S,
        flag="--sweep",
    )
    retention_days: float = _setting(
        30.0, "Days after its last use until a session is due to be archived.", minimum=0.0001, maximum=3660
    )
    sessions_per_client: int = _setting(5, "Open sessions a client may have.", minimum=1, maximum=100_000)
    clients_max: int = _setting(10_000, "Clients that may have open sessions.", minimum=1, maximum=1_000_000)
    sessions_max: int = _setting(1_000_000, "Open sessions of all clients together.", minimum=1, maximum=100_000_000)
    creations_per_minute: int = _setting(
        600,
        "Sessions a client may create in a minute, closed ones included; 0 means any number.",
        minimum=0,
        maximum=10**6,
    )
    requests_per_s: int = _setting(
        0,
        "Requests a client may make in a second, as many at once; 0 means any number. What names no client's session is"
        " counted for its connection.",
        minimum=0,
        maximum=10**6,
    )
    requests_under_way: int = _setting(
        20_000,
        "Requests of one client that may wait for their answers at a time, all its sessions together.",
        minimum=1,
        maximum=10**6,
    )
    cpu_per_minute_ms: int = _setting(
        0,
        "Processor time the evaluations of one client may use in a minute; 0 means any. The last one may overdraw it.",
        minimum=0,
        maximum=3_600_000,
    )
    overload_ms: int = _setting(
        1_000,
        "How long work may wait for its turns, behind others and behind what its own session has not done yet, before"
        " more is refused as Overloaded, with a time to try again; short for tails, long for bursts.",
        minimum=5,
        maximum=600_000,
    )
    allow_clients: tuple[str, ...] = _setting((), "Client ids that may use the server; empty means all.")
    deny_clients: tuple[str, ...] = _setting((), "Client ids that may not, also when they are allowed.")
    capabilities: tuple[str, ...] = _setting(
        ("context_preservation", "object_registry", "inspector", "savepoints", "events", "debugger"),
        "Features that `create_session` reports and `validate_feature_access` grants: told, not enforced.",
    )
    anonymous_session: bool = _setting(
        default=True, doc="Serve requests that name no session from one durable session of the server."
    )
    cpu_budget_ms: int = _setting(
        30_000,
        "Processor time one evaluation may use; `timeout_ms` of a request may lower it.",
        minimum=10,
        maximum=86_400_000,
    )
    wait_budget_ms: int = _setting(
        60_000,
        "Time one evaluation may wait for delays and for other processes of its session; `timeout_ms` may lower it.",
        minimum=10,
        maximum=86_400_000,
    )
    background_share: float = _setting(
        0.25,
        "Part of a core that the processes of one session may use while none of its evaluations runs.",
        minimum=0.001,
        maximum=1,
    )
    slice_ms: float = _setting(2.0, "Time an evaluation runs before others get their turn.", minimum=0.5, maximum=100)
    memory_growth_mb: int = _setting(
        512,
        "Memory by which the process may grow during one evaluation before it is stopped.",
        minimum=16,
        maximum=1_048_576,
    )
    session_memory_mb: int = _setting(
        1_024,
        "Memory that the live objects of one session may take, measured; an evaluation that makes them take more is"
        " stopped, and the session is as it was before it. 0 for no bound.",
        minimum=0,
        maximum=1_048_576,
    )
    memory_max_mb: int = _setting(
        4_096,
        "Memory the process may take beyond what it has at its start; what needs more fails, and not the whole server,"
        " where the system can bound it. 0 for no bound; below 256 little is left beside the threads' stacks.",
        minimum=0,
        maximum=16_777_216,
    )
    live_memory_mb: int = _setting(
        2_048,
        "Memory the process may hold before the sessions that were not used for longest leave it; nothing is lost, any"
        " request wakes them. 0 for no bound.",
        minimum=0,
        maximum=16_777_216,
    )
    client_disk_mb: int = _setting(
        1_024,
        "Disk that a client's open sessions may take, savepoints and history included; what would make them larger is"
        " refused then, and from four fifths on replies warn. 0 for no bound.",
        minimum=0,
        maximum=1_073_741_824,
    )
    disk_mb: int = _setting(
        0,
        "Disk that all sessions together may take, closed ones included, in the same way. 0 for no bound but the disk's"
        " own end.",
        minimum=0,
        maximum=1_073_741_824,
    )
    queue_max: int = _setting(
        10_000,
        "Requests that may wait in one session; more are refused as Overloaded.",
        minimum=1,
        maximum=1_000_000,
    )
    unread_mb: int = _setting(
        20,
        "Replies that may wait for one connection that does not read them; further ones are dropped and counted, and"
        " come when they are asked for again with their op_id. Two of the largest messages, or many thousand others.",
        minimum=1,
        maximum=256,
    )
    connections_max: int = _setting(
        100_000,
        "Connections at a time; further ones are closed as soon as they are there, and counted. Never more than the"
        " descriptors that the system allows, less some for the server's own files.",
        minimum=1,
        maximum=1_000_000,
    )
    message_bytes_max: int = _setting(
        _MESSAGE_BYTES,
        "Bytes of the largest message that is taken; larger ones are refused as LimitExceeded. Replies are bounded by"
        " the protocol and by result_chars and transcript_chars.",
        minimum=16_384,
        maximum=_MESSAGE_BYTES,
    )
    envelope_frames_max: int = _setting(
        _ENVELOPE_FRAMES,
        "Frames before a message's body: REQ sends 2, each proxy on the way adds 1.",
        minimum=2,
        maximum=64,
    )
    result_chars: int = _setting(
        262_144,
        "Characters of a result in a reply; a longer one is cut, says how long the whole is, and the rest can be read"
        " with read_text.",
        minimum=200,
        maximum=1_048_576,
    )
    transcript_chars: int = _setting(
        1_048_576,
        "Characters of a transcript in a reply: the last ones, and the whole can be read with read_text.",
        minimum=200,
        maximum=1_048_576,
    )
    stack_frames: int = _setting(
        100_000,
        "Nested sends of one evaluation, after which it ends in RecursionTooDeep; some 200 bytes each. More than the"
        " default would take longer to unwind than anybody waits, and more stack than threads have.",
        minimum=1_000,
        maximum=100_000,
    )
    shutdown_grace_s: float = _setting(
        3.0,
        "Seconds evaluations get to end after SIGTERM; what still runs then is stored, and goes on after the start.",
        minimum=0,
        maximum=600,
    )
    stack_mb: int = _setting(
        256,
        "Stack of the thread that runs Smalltalk, raised at start as far as the system allows.",
        minimum=8,
        maximum=4096,
    )
    log_format: str = _setting("console", "How log lines on stderr look.", choices=("console", "json"))
    log_level: str = _setting("info", "Least severe log lines shown.", choices=("debug", "info", "warning", "error"))


#: What SIGHUP changes in a server that runs; all else waits for its next start.
RELOADED: Final = frozenset(
    {
        *("idle_timeout_s", "retention_days", "allow_clients", "deny_clients", "capabilities", "anonymous_session"),
        *("sessions_per_client", "clients_max", "sessions_max", "creations_per_minute", "requests_per_s"),
        *("requests_under_way", "cpu_per_minute_ms", "overload_ms", "queue_max", "live_memory_mb"),
        *("client_disk_mb", "disk_mb"),
        *("cpu_budget_ms", "wait_budget_ms", "shutdown_grace_s", "log_level"),
        *("result_chars", "transcript_chars", "session_memory_mb"),
    }
)
#: What `describe` tells of the settings beside the fixed limits: what a client may meet, and refusals name.
LIMITING: Final = frozenset(
    {
        *("sessions_per_client", "clients_max", "sessions_max", "creations_per_minute", "requests_per_s"),
        *("requests_under_way", "cpu_per_minute_ms", "overload_ms", "queue_max", "client_disk_mb", "disk_mb"),
        *("cpu_budget_ms", "wait_budget_ms", "memory_growth_mb", "memory_max_mb", "session_memory_mb", "unread_mb"),
        *("connections_max", "message_bytes_max", "envelope_frames_max"),
        *("result_chars", "transcript_chars", "stack_frames"),
    }
)


class Row(NamedTuple):
    """One row of the table."""

    name: str
    kind: type
    default: Any
    bounds: Bounds

    @property
    def flag(self) -> str:
        """The row's flag on the command line."""
        return self.bounds.flag or "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The row's environment variable."""
        return "STUI_" + self.name.upper()

    @property
    def is_reloaded(self) -> bool:
        """Whether SIGHUP makes a server that runs take a new value."""
        return self.name in RELOADED


#: The table, in the order of the class above.
ROWS: Final = tuple(Row(f.name, type(f.default), f.default, f.metadata["bounds"]) for f in fields(Settings))
