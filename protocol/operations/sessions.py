"""Operations on the life of a session: create, restore, keep the client's own state, close, list."""

from ..kinds import Boolean, Object, Text
from .model import CLIENT_ID, DISK_WARNING, ERROR_STATE, NAMED_SESSION, Field, Operation, Parameter, Scope

_METADATA = (
    Field("session_id", "text", "the session"),
    Field("client_id", "text", "its owner"),
    Field("created_at", "text", "time with zone"),
    Field("last_modified", "text", "when it was used last, or up to a minute before; time with zone"),
    Field("timeout", "count", "seconds of idleness before it hibernates; nothing is lost"),
    Field("expires_at", "text", "end of retention, time with zone"),
    Field("is_active", "boolean", "whether it can be used"),
    Field("capabilities", "list", "texts"),
    Field("client_isolation", "text", "enabled"),
    Field("max_concurrent_clients", "count", "the configured bound"),
)

_SAFE_MODE = Field("safe_mode", "boolean", "true if nothing of it goes on by itself", is_optional=True)

SESSION_OPERATIONS = (
    Operation(
        name="create_session",
        doc="Makes a session that outlives the server's crashes.",
        scope=Scope.CLIENT,
        mutates=True,
        required=(CLIENT_ID,),
        optional=(
            Parameter("client_info", Object(), "{platform, version, capabilities}"),
            Parameter("client_version", Text(), "version of the client"),
            Parameter("config", Object(), "the client's configuration, kept unread"),
            Parameter("from_session", Text(minimum=1), "a session of the same client to begin as a copy of"),
        ),
        returns=(*_METADATA, DISK_WARNING),
        errors=("SessionNotFound", "SessionError", "PermissionDenied"),
    ),
    Operation(
        name="restore_session",
        doc="Brings a session back, wherever it was left: after a disconnect, hibernation or a crash.",
        scope=Scope.SESSION,
        required=(NAMED_SESSION,),
        optional=(
            Parameter(
                "safe_mode",
                Boolean(),
                "true opens it without running anything: processes and a stopped evaluation wait, breakpoints are"
                " ignored; false as usual; without it the session stays as it is",
            ),
        ),
        returns=(
            *_METADATA,
            Field("session_state", "object", "the client's own state, verbatim", rust_name="state"),
            Field("workspace_context", "object", "{variables, ...}"),
            Field("inspector_state", "object", "{selected_object, path, view, views}"),
            Field("object_registry", "texts", "description by object id"),
            ERROR_STATE,
            _SAFE_MODE,
        ),
    ),
    Operation(
        name="update_session_state",
        doc="Keeps the client's own state: panes, cursor, layout. It never mixes with live objects.",
        scope=Scope.SESSION,
        mutates=True,
        required=(NAMED_SESSION,),
        optional=(
            Parameter("state_data", Object(), "{workspace, inspector, variables}"),
            Parameter("workspace_context", Object(), "the older form"),
            Parameter("object_registry", Object(), "the older form"),
        ),
        alternatives=(("state_data",), ("workspace_context", "object_registry")),
        returns=(
            Field("session_id", "text", "the session"),
            Field("last_modified", "text", "time with zone"),
            Field("session_state", "object", "what is now kept"),
            Field("update_successful", "boolean", "true"),
        ),
    ),
    Operation(
        name="close_session",
        doc="Ends a session.",
        scope=Scope.SESSION,
        mutates=True,
        required=(NAMED_SESSION,),
        optional=(Parameter("save_state", Boolean(), "accepted; state is always kept until retention ends"),),
        returns=(
            Field("session_id", "text", "the session"),
            Field("closed", "boolean", "true"),
        ),
    ),
    Operation(
        name="get_session_info",
        doc="Answers a session's metadata.",
        scope=Scope.SESSION,
        required=(NAMED_SESSION,),
        returns=(
            *_METADATA,
            Field("time_until_expiry", "count", "seconds of retention left"),
            Field("is_expired", "boolean", "whether retention is over"),
            Field("hibernated", "boolean", "whether it is out of memory"),
            Field("memory_bytes", "count", "what its live objects take, once that was measured", is_optional=True),
            Field("client_info", "object", "as create_session was given it", is_optional=True),
            Field("client_version", "text", "as create_session was given it", is_optional=True),
            Field("config", "object", "as create_session was given it", is_optional=True),
            ERROR_STATE._replace(doc=f"of a session in memory: {ERROR_STATE.doc}"),
            _SAFE_MODE,
            Field("quarantine", "object", "{since, reason} if nothing brings it into memory", is_optional=True),
        ),
    ),
    Operation(
        name="list_client_sessions",
        doc="Answers a client's sessions.",
        scope=Scope.CLIENT,
        required=(CLIENT_ID,),
        returns=(
            Field("client_id", "text", "the client"),
            Field("session_count", "count", "how many"),
            Field("sessions", "list", "metadata of each"),
        ),
        errors=("PermissionDenied",),
    ),
)
