"""Every fixed limit of the server, named, with its unit and its reason.

What an operator may change stands in `settings` and what the wire allows in `protocol`. Replies that tell of a limit
name it as this table does; `describe` and the page `docs/configuration.md` show it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from protocol import Limit

_MIB: Final = 1024 * 1024

SERVER_LIMITS: Final[Mapping[str, Limit]] = MappingProxyType(
    {
        "savepoints_max": Limit(64, "savepoints of a session", "each pins what the session changes afterwards"),
        "automatic_savepoints_max": Limit(
            16, "automatic savepoints of a session", "the oldest makes room for the next; those asked for stay"
        ),
        "automatic_savepoint_evaluations": Limit(
            500,
            "evaluations",
            "between two automatic savepoints; undoing reaches back over the last hundred without any",
        ),
        "large_file_chars": Limit(
            16_384, "characters", "a file that defines as much is filed in over an automatic savepoint"
        ),
        "diff_rows_max": Limit(1_000, "names", "of each kind that a comparison of two states answers"),
        "diff_objects_max": Limit(
            1_000,
            "objects",
            "looked through for changes behind a variable, when states are compared: nobody else runs then",
        ),
        "diff_all_objects_max": Limit(
            10_000, "objects", "looked through behind all variables together: each takes some ten microseconds"
        ),
        "shards_max": Limit(
            64,
            "shards",
            "stores that the sessions are dealt among, one for each worker; a session's number holds it in six bits",
        ),
        "file_client_chars_max": Limit(
            64, "characters", "of a client's id in the name of a session file, which says the whole id inside"
        ),
        "quota_small_bytes": Limit(
            1_024,
            "bytes",
            "by which an evaluation may make a session larger beyond its disk quota: as much as letting go of objects"
            " takes to note in the history",
        ),
        "quota_records_max": Limit(
            1_000,
            "objects",
            "that an evaluation beyond its disk quota may change and still be weighed; more count as growth",
        ),
        "state_bytes_max": Limit(_MIB, "bytes", "the client's own state; the documents want a session file under 1 MB"),
        "about_bytes_max": Limit(
            64 * 1024,
            "bytes",
            "a request that creates a session: what it says of its client is kept with the session and read with it",
        ),
        "code_file_bytes_max": Limit(
            64 * _MIB, "bytes", "a file of compiled code that is read: some ten times the library as it is"
        ),
        "errand_bytes_max": Limit(
            65_536, "bytes", "what a command of the operator asks of the server is one path; a longer file is no errand"
        ),
        "listing_bytes_max": Limit(
            256 * _MIB, "bytes", "what a server answers `sessions list` with: lines of two million sessions"
        ),
        "history_chars_max": Limit(
            _MIB,
            "characters",
            "of code and results that `history` answers at once, though at least one entry: with 1,000 of the longest"
            " do-its it would be a gigabyte, and a message is at most 10 MB",
        ),
        "subscribers_max": Limit(64, "connections subscribed to a session", "each event is sent to every one of them"),
        "events_kept_max": Limit(256, "events of a session", "what a client that reconnects can catch up with"),
        "events_kept_bytes_max": Limit(
            256 * 1_024, "bytes", "that these take; one transcript may take a megabyte, and there are many sessions"
        ),
        "askers_max": Limit(
            1_000,
            "repeats of a request",
            "that wait for the answer of one that runs; each gets it, and who asks once a second waits a quarter hour",
        ),
        "waiting_bytes_max": Limit(
            256 * _MIB, "bytes", "requests that wait for their answers in all sessions together; more are Overloaded"
        ),
        "flights_max": Limit(
            100_000,
            "requests",
            "that a front has given to one worker or keeps for it while it starts; more are refused as Overloaded",
        ),
        "batch_pairs_max": Limit(
            32,
            "messages",
            "that front or worker gather in a tick before they send them to each other, so that the other begins"
            " meanwhile",
        ),
        "batch_bytes_max": Limit(
            65_536, "bytes", "the same: copying more into one frame costs as much as a frame of its own"
        ),
        "subscriptions_max": Limit(
            1_000, "sessions", "whose events a front sends to one connection, the first is forgotten first"
        ),
        "attempts_max": Limit(
            10,
            "workers",
            "that may die while they have the same request: a session that kills them is in quarantine before",
        ),
        "peer_queue_max": Limit(
            1_000,
            "messages",
            "what ZeroMQ queues for one peer before the backlog takes over",
        ),
        "untaken_max": Limit(
            32,
            "messages",
            "that ZeroMQ takes from one peer before the server reads them: TCP's flow control holds the rest back, so"
            " that a flood does not fill the memory. It counts messages, not bytes: of the largest these are 320 MB",
        ),
        "unwritten_bytes_max": Limit(
            4 * _MIB,
            "bytes",
            "of large replies that ZeroMQ has for one peer before the backlog takes over, whatever their number",
        ),
        "total_bytes_max": Limit(256 * _MIB, "bytes", "replies that wait for all slow peers together"),
        "messages_per_tick_max": Limit(
            512, "messages", "taken from the socket in one go, so that a flood of requests does not keep replies back"
        ),
        "taking_ns_max": Limit(
            50_000_000,
            "ns",
            "what a tick spends on taking requests, and again on those that waited for its commit, however few: some"
            " cost thousands of times what others do, and what others asked is answered between two ticks",
        ),
        "deferred_max": Limit(
            64,
            "requests",
            "that wait for a commit because they read the store, before a tick takes no more: else those of one client"
            " would be far ahead of what others ask",
        ),
        "connections_remembered_max": Limit(
            100_000, "connections", "remembered, the one used longest ago is forgotten first; they take about 40 MB"
        ),
        "clients_per_connection_max": Limit(
            10_000, "clients", "that one connection may speak for, the first is forgotten first; a test tool plays many"
        ),
        "clients_metered_max": Limit(
            10_000,
            "clients",
            "whose use of the last minute is metered, the one heard of longest ago is forgotten first",
        ),
        "restarts_max": Limit(
            5,
            "failures of a session in a minute",
            "that many are bad luck; one more is taken as a defect that a restart does not cure",
        ),
        "restart_pause_ms_max": Limit(
            1_000,
            "ms",
            "before a worker that keeps dying is replaced: requests wait, and their clients give up after seconds",
        ),
        "deaths_max": Limit(
            5,
            "deaths of the server in the midst of a session, in a row",
            "as many may be somebody's who ends servers; then the session is in quarantine",
        ),
        "resumptions_max": Limit(
            5,
            "attempts to go on with an evaluation that the server's end stopped",
            "as many crashes in its middle are bad luck; one more is taken as its own doing, and it waits",
        ),
        "loans_max": Limit(
            64,
            "evaluations of one worker",
            "that the quarantine worker may have at a time: each has its objects there; further hogs stay",
        ),
        "loan_bytes_max": Limit(
            16 * _MIB,
            "bytes",
            "of memory that a session's objects may take to be lent: all of them are copied to the quarantine worker",
        ),
        "recalling_ns_max": Limit(
            1_000_000_000,
            "ns",
            "that a worker waits at its end for how far the evaluations came that it had lent; after that they go on"
            " from where they were lent",
        ),
        "suspending_ns_max": Limit(
            2_000_000_000,
            "ns",
            "what storing the running evaluations takes at the server's end, for which its operator waits; what is left"
            " is interrupted",
        ),
        "idle_greenlets_max": Limit(64, "greenlets", "kept for the next evaluations; each holds about 6 KB"),
        "new_work_ns_max": Limit(
            10_000_000,
            "ns",
            "what a tick spends on new work before it commits and replies: more in one commit is cheaper, but the first"
            " waits",
        ),
        "background_slice_ns_max": Limit(
            20_000_000,
            "ns",
            "a slice of background processes, though it grows with what surrounds it: nobody else runs meanwhile, and"
            " what a process makes in a slice is what storing it takes; nobody notices ten usual slices",
        ),
        "stale_entries_max": Limit(
            64,
            "entries",
            "of background work that may outnumber those that still count: each keeps a session in memory",
        ),
        "sleep_ms_max": Limit(
            1_000, "ms", "longest sleep of the loop: it is woken for all it has to do, so this only bounds a mistake"
        ),
        "http_request_bytes_max": Limit(
            8_192, "bytes", "a request to the HTTP port: a path and what a monitor says of itself"
        ),
        "http_request_ns_max": Limit(
            2_000_000_000,
            "ns",
            "reading a request to the HTTP port and, again, sending its page: others wait meanwhile",
        ),
        "decimal_digits_max": Limit(
            100_000,
            "digits",
            "what Python may convert between integers and text: the language's longest integer has 78,914",
        ),
    }
)
