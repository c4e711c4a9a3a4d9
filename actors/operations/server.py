"""Operations on the server as a whole: ping, describe, health, system_info and validate_feature_access."""

import os
import platform
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import zmq

from protocol import PROTOCOL_VERSION, describe

from ..limits import SERVER_LIMITS
from ..monitoring.health import health_row
from ..monitoring.measures import BATCH_BOUNDS, LATENCY_BOUNDS_NS
from ..resources.memory_use import resident_bytes
from ..settings import LIMITING, ROWS, Settings
from ..traffic.call import Answer, Call
from ..version import SERVER_NAME, SERVER_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..sessions.supervisor import Supervisor

#: The `status` of a server that is as it should be.
READY: Final = "ready"
_NS_PER_S: Final = 1_000_000_000


def ping(supervisor: "Supervisor", call: Call) -> Answer:
    """Answer that the server is there."""
    return pong(call.request.parameters, supervisor.uptime_ns() // _NS_PER_S)


def pong(parameters: dict[str, Any], uptime_s: int) -> dict[str, Any]:
    """Return the answer of `ping`."""
    return {
        "message": parameters.get("message", "pong"),
        "status": READY,
        "uptime": uptime_s,
        "server": SERVER_NAME,
        "version": SERVER_VERSION,
        "protocol": PROTOCOL_VERSION,
    }


def describe_operations(supervisor: "Supervisor", _call: Call) -> Answer:
    """Answer the table of operations."""
    return table_of_operations(supervisor.parts.settings)


def table_of_operations(settings: Settings) -> dict[str, Any]:
    """Return the table of operations; its limits are those of the wire and of this server, as they are set."""
    table = describe()
    limits = table["limits"]
    limits.update((name, limit.value) for name, limit in SERVER_LIMITS.items())
    limits.update((row.name, getattr(settings, row.name)) for row in ROWS if row.name in LIMITING)
    return table


def health(supervisor: "Supervisor", _call: Call) -> Answer:
    """Answer how the server is."""
    row = health_row(supervisor)
    return {
        "status": READY if row["is_ready"] else "store lost",
        "uptime": supervisor.uptime_ns() // _NS_PER_S,
        "latency_bounds_ns": list(LATENCY_BOUNDS_NS),
        "batch_bounds": list(BATCH_BOUNDS),
        "workers": [row],
    }


def system_info(supervisor: "Supervisor", call: Call) -> Answer:
    """Answer facts about the server and its process, all of them texts."""
    wanted = call.request.parameters.get("info_type", "Basic")
    info: dict[str, str] = {}
    for name, facts in _FACTS.items():
        if wanted in (name, "All"):
            info.update(facts(supervisor))
    return {"info": info}


def _basic(supervisor: "Supervisor") -> dict[str, str]:
    return {
        "server": SERVER_NAME,
        "version": SERVER_VERSION,
        "protocol": PROTOCOL_VERSION,
        "uptime_s": str(supervisor.uptime_ns() // _NS_PER_S),
        "live_sessions": str(len(supervisor.roster)),
        "evaluations_under_way": str(supervisor.parts.scheduler.parked_count),
        **supervisor.parts.counters.as_texts(),
    }


def _memory(supervisor: "Supervisor") -> dict[str, str]:
    live = len(supervisor.roster)
    resident = resident_bytes()
    return {"resident_bytes": str(resident), "live_sessions": str(live)}


def _packages(_supervisor: "Supervisor") -> dict[str, str]:
    return {"python": platform.python_version(), "pyzmq": zmq.pyzmq_version(), "zeromq": zmq.zmq_version()}


def _environment(_supervisor: "Supervisor") -> dict[str, str]:
    return {
        "platform": sys.platform,
        "machine": platform.machine(),
        "processors": str(os.cpu_count()),
        "process_id": str(os.getpid()),
    }


_FACTS: Final[Mapping[str, "Callable[[Supervisor], dict[str, str]]"]] = MappingProxyType(
    {"Basic": _basic, "Memory": _memory, "Packages": _packages, "Environment": _environment}
)


def validate_feature_access(supervisor: "Supervisor", call: Call) -> Answer:
    """Tell whether the configuration grants a client a capability."""
    parameters = call.request.parameters
    client_id, feature = parameters["client_id"], parameters["feature"]
    return {
        "client_id": client_id,
        "feature": feature,
        "allowed": supervisor.admission.may_use_feature(client_id, feature),
    }
