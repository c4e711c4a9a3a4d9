"""Operations on the server as a whole: is it there, what can it do, how is it."""

from ..kinds import Anything, Choice, Integer, ListOf, Text
from ..limits import LIMITS
from .events import EVENTS
from .model import CLIENT_ID, DISK_WARNING, NAMED_SESSION, Field, Operation, Parameter, Scope

_FEATURE = Parameter("feature", Text(minimum=1), "name of the capability")

SERVER_OPERATIONS = (
    Operation(
        name="ping",
        doc="Answers at once; tells that the server is ready and how long it runs.",
        optional=(Parameter("message", Anything(), "echoed"),),
        returns=(
            Field("message", "any", "what was sent, or pong"),
            Field("status", "text", "ready"),
            Field("uptime", "count", "seconds since the start"),
            Field("server", "text", "name of the server"),
            Field("version", "text", "version of the server"),
            Field("protocol", "text", "version of the protocol"),
        ),
    ),
    Operation(
        name="describe",
        doc="Answers this table: operations, dialects, events, limits and error types.",
        returns=(
            Field("protocol", "text", "version of the protocol"),
            Field("operations", "object", "by name: doc, required, optional, returns, errors, since"),
            Field("dialects", "object", "by name: how it is recognised"),
            Field("events", "object", "by name: {doc, data}"),
            Field("limits", "object", "by name: the bound"),
            Field("error_types", "object", "by name: the dialect A code"),
        ),
    ),
    Operation(
        name="health",
        doc="Answers how the server is: what it holds, what it does, how long operations take, what it refused.",
        returns=(
            Field("status", "text", "ready, or store lost while nothing can be stored"),
            Field("uptime", "count", "seconds since the start"),
            Field("latency_bounds_ns", "list", "upper bounds of the buckets of latencies; one more has no bound"),
            Field("batch_bounds", "list", "upper bounds of the buckets of changes in one commit"),
            Field(
                "workers",
                "list",
                "of each worker {pid, uptime_s, is_ready, state: {name: number of now}, totals: {name: number since the"
                " start}, refused: {limit: count}, failures: {type: count}, latency_ns: {operation: {counts, total}}, "
                "batches: {counts, total}}",
            ),
            Field(
                "quarantine",
                "object",
                "with several workers: the same of the quarantine worker, with figures of its guests and its process in"
                " state and totals; is_ready is false while there is none",
                is_optional=True,
            ),
        ),
    ),
    Operation(
        name="subscribe",
        doc="Sends the session's events to this connection from now on; an empty list ends it. For DEALER sockets that "
        "send no empty delimiter: others would take an event for a reply.",
        scope=Scope.SESSION,
        required=(
            NAMED_SESSION,
            Parameter("events", ListOf(Choice(tuple(EVENTS)), len(EVENTS)), "which events"),
        ),
        optional=(
            Parameter("from_seq", Integer(0, 2**63 - 1), "also events from this number on, as far as still kept"),
        ),
        returns=(
            Field("session_id", "text", "the session"),
            Field("events", "list", "what is now subscribed"),
            Field("seq", "count", "number of the session's latest event"),
        ),
        errors=("UnsupportedOperation",),
    ),
    Operation(
        name="get_session_statistics",
        doc="Answers figures about sessions and clients.",
        scope=Scope.CLIENT,
        optional=(CLIENT_ID,),
        returns=(
            Field("total_sessions", "count", "sessions kept, hibernated ones included"),
            Field("active_clients", "count", "clients with a session in memory"),
            Field("max_sessions_per_client", "count", "the configured bound"),
            Field("default_timeout", "count", "seconds of idleness before a session hibernates"),
            Field("cleanup_interval", "count", "seconds between sweeps"),
            Field("memory_bytes", "count", "what the live objects of sessions take, as far as they were measured"),
            Field("disk_used_bytes", "count", "what all sessions take on disk, measured about a second ago"),
            Field("disk_max_bytes", "count", "the configured bound, 0 for none"),
            DISK_WARNING,
        ),
    ),
    Operation(
        name="system_info",
        doc="Answers facts about the server and its process.",
        scope=Scope.CLIENT,
        optional=(
            Parameter(
                "info_type",
                Choice(("Basic", "Memory", "Packages", "Environment", "All")),
                "which facts; Basic unless told",
            ),
            CLIENT_ID,
        ),
        returns=(Field("info", "texts", "facts by name"),),
    ),
    Operation(
        name="validate_feature_access",
        doc="Tells whether the configuration grants a client a capability; it is told, not enforced.",
        scope=Scope.CLIENT,
        required=(CLIENT_ID, _FEATURE),
        optional=(Parameter("auth_token", Text(LIMITS["token_chars_max"].value), "reserved for authentication"),),
        returns=(
            Field("client_id", "text", "the client"),
            Field("feature", "text", "the capability"),
            Field("allowed", "boolean", "whether it is granted"),
        ),
        errors=("PermissionDenied",),
    ),
)
