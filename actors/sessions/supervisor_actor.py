"""The actor around the supervisor: takes the calls that concern no single live session."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from protocol import Failure
from storage import StoreError

from ..traffic.call import Answer, Call, RefusedError
from ..running.evaluator import INTERNAL_ERROR
from ..logs import new_logger
from ..operations.server import describe_operations, health, ping, system_info, validate_feature_access
from ..operations.sessions import create_session, get_session_info, get_session_statistics, list_client_sessions
from ..loop.pooled import PooledActor

if TYPE_CHECKING:
    from ..loop.dispatcher import Dispatcher
    from .supervisor import Supervisor

_Work = Callable[["Supervisor", Call], Answer]

#: Operations done when they arrive.
_AT_ONCE: Final[Mapping[str, _Work]] = MappingProxyType(
    {
        "ping": ping,
        "health": health,
        "describe": describe_operations,
        "system_info": system_info,
        "validate_feature_access": validate_feature_access,
        "create_session": create_session,
    }
)
#: Operations that read what the tick's commit makes durable.
_AFTER_COMMIT: Final[Mapping[str, _Work]] = MappingProxyType(
    {
        "list_client_sessions": list_client_sessions,
        "get_session_info": get_session_info,
        "get_session_statistics": get_session_statistics,
    }
)
#: All operations of the supervisor; those of `operations/table.py` are done by sessions.
SUPERVISED: Final = frozenset(_AT_ONCE) | frozenset(_AFTER_COMMIT)
_log = new_logger("supervisor")


class SupervisorActor(PooledActor):
    """Takes the supervisor's calls.

    Thread: the loop. Nothing here blocks but reads of the store, some microseconds each. A defect is answered and
    logged; the supervisor goes on, because everything it knows is in the store.
    """

    def __init__(self, dispatcher: "Dispatcher", supervisor: "Supervisor") -> None:
        super().__init__(dispatcher)
        self._supervisor = supervisor

    def on_receive(self, message: Call) -> None:
        """Do an operation now or after the tick's commit."""
        operation = message.request.operation
        work = _AT_ONCE.get(operation)
        if work is not None:
            self._do(work, message)
        else:
            self._supervisor.parts.gate.after_commit(partial(self._do, _AFTER_COMMIT[operation], message))

    def _do(self, work: _Work, call: Call) -> None:
        answer: Answer
        try:
            answer = work(self._supervisor, call)
        except RefusedError as refused:
            answer = refused.failure
        except StoreError as error:
            answer = Failure("StorageError", str(error))
        except Exception:  # noqa: BLE001 - every request gets its answer
            _log.exception("an operation failed unexpectedly", **call.names())
            answer = INTERNAL_ERROR
        self._supervisor.parts.gate.answer(call, answer)
