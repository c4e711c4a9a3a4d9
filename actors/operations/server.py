"""Operations on the server as a whole: ping, describe, system_info and validate_feature_access."""

import os
import platform
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import zmq

from protocol import PROTOCOL_VERSION, describe

from ..call import Answer, Call
from ..limits import SERVER_LIMITS
from ..memory_use import resident_bytes
from ..version import SERVER_NAME, SERVER_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..supervisor import Supervisor

_NS_PER_S: Final = 1_000_000_000


def ping(supervisor: "Supervisor", call: Call) -> Answer:
    """Answer that the server is there."""
    return {
        "message": call.request.parameters.get("message", "pong"),
        "status": "ready",
        "uptime": supervisor.uptime_ns() // _NS_PER_S,
        "server": SERVER_NAME,
        "version": SERVER_VERSION,
        "protocol": PROTOCOL_VERSION,
    }


def describe_operations(_supervisor: "Supervisor", _call: Call) -> Answer:
    """Answer the table of operations; its limits are those of the wire and of this server."""
    table = describe()
    table["limits"].update((name, limit.value) for name, limit in SERVER_LIMITS.items())
    return table


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
