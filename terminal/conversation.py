"""One client's talk with a server, without any I/O: questions become request bytes, replies become results.

Every request names the session and the client where its operation takes them, so it means the same over any
connection. Every operation that changes something carries an ``op_id``, which stays the same when the request is sent
again: the server does it once, however often the request arrives. So anything may be asked again.
"""

from collections.abc import Callable
from itertools import count
from secrets import token_hex
from typing import Any, Final, Generic

from protocol import OPERATIONS, Failure, ProtocolError, Reply, encode_request

from .errors import BadReplyError, NoAnswerError, server_error
from .questions import Question, Result

#: Random bytes of an op_id; two of one client's never meet by chance.
_OP_ID_BYTES: Final = 16
#: Operations that make a session the current one.
_ADOPTING: Final = frozenset({"create_session", "restore_session"})


def _new_op_id() -> str:
    return token_hex(_OP_ID_BYTES)


def _accepted() -> dict[str, frozenset[str]]:
    """Return the names of the parameters that each operation takes."""
    return {
        name: frozenset(parameter.name for parameter in operation.required + operation.optional)
        for name, operation in OPERATIONS.items()
    }


_ACCEPTED: Final = _accepted()


class Conversation:
    """What is remembered between requests.

    Attributes:
        client_id: Whose requests these are.
        session_id: The current session; None before one was created or restored.
    """

    def __init__(
        self, client_id: str, session_id: str | None = None, new_op_id: Callable[[], str] = _new_op_id
    ) -> None:
        self.client_id = client_id
        self.session_id = session_id
        self._new_op_id = new_op_id
        self._numbers = count(1)

    def begin(self, question: Question[Result]) -> "Exchange[Result]":
        """Return the exchange that asks a question."""
        accepted = _ACCEPTED[question.operation]
        implied = {"session_id": self.session_id, "client_id": self.client_id}
        parameters = {name: value for name, value in implied.items() if name in accepted and value is not None}
        if "op_id" in accepted:
            parameters["op_id"] = self._new_op_id()
        return Exchange(self, question, {**parameters, **question.parameters}, next(self._numbers))

    def note(self, operation: str, session_id: str) -> None:
        """Keep track of the current session after an operation succeeded."""
        if operation in _ADOPTING:
            self.session_id = session_id
        elif operation == "close_session" and session_id == self.session_id:
            self.session_id = None


class Exchange(Generic[Result]):
    """One request and its reply.

    Attributes:
        operation: What is asked.
        request_id: Comes back as the reply's id.
        body: The request's bytes, the same for every attempt.

    Raises:
        DeniedError: The request is larger than a message may be; nothing was sent.
    """

    def __init__(
        self, conversation: Conversation, question: Question[Result], parameters: dict[str, Any], request_id: int
    ) -> None:
        self.operation = question.operation
        self.request_id = request_id
        try:
            self.body = encode_request(question.operation, parameters, request_id)
        except ProtocolError as refused:
            raise server_error(refused.failure) from refused
        self._conversation = conversation
        self._question = question
        self._op_id = parameters.get("op_id")

    def finish(self, reply: Reply) -> Result:
        """Return the result.

        Raises:
            ServerError: The server answered with an error.
            BadReplyError: The result lacks what the protocol promises.
        """
        if isinstance(reply.answer, Failure):
            raise server_error(reply.answer)
        try:
            result = self._question.read(reply.answer)
            self._conversation.note(self.operation, reply.answer.get("session_id", ""))
        except (AttributeError, KeyError, TypeError, ValueError) as defect:
            message = f"the answer to {self.operation} is not what the protocol promises: {defect!r}"
            raise BadReplyError(message) from defect
        return result

    def unanswered(self, url: str, reason: str) -> NoAnswerError:
        """Return the error for when all attempts are used up."""
        details = {"url": url, "operation": self.operation, "op_id": self._op_id}
        return NoAnswerError(f"no answer from {url} to {self.operation}: {reason}", details)
