"""The synchronous client: ask, wait, get a typed result or an exception of `errors.py`.

    with Client("tcp://127.0.0.1:5555", "ann") as client:
        client.create()
        client.evaluate("3 + 4").result

A request whose reply does not come is sent again over a new connection, with the same op_id, so it is done once.
"""

from collections.abc import Callable
from functools import wraps
from threading import Event
from typing import Concatenate, Final, ParamSpec, Self

import zmq

from . import debugquestions, questions
from .conversation import Conversation
from .errors import BadReplyError
from .link import Link
from .patience import Patience
from .questions import Question, Result
from .sockets import LinkError

#: Where a server listens unless told otherwise.
DEFAULT_URL: Final = "tcp://127.0.0.1:5555"
_Asked = ParamSpec("_Asked")


def _asks(build: Callable[_Asked, Question[Result]]) -> "Callable[Concatenate[Client, _Asked], Result]":
    """Make the method that asks a question."""

    @wraps(build)
    def method(self: "Client", /, *args: _Asked.args, **kwargs: _Asked.kwargs) -> Result:
        return self.ask(build(*args, **kwargs))

    return method


class Client:
    """One client and its current session.

    Thread: one at a time. To interrupt an evaluation from another thread, use another client with the same session.

    Args:
        url: Address of the server.
        client_id: Name of the client; its sessions are its own.
        session_id: A session of an earlier run to go on with.
        patience: How long to wait and how often to ask again.
    """

    def __init__(
        self,
        url: str = DEFAULT_URL,
        client_id: str = "python",
        session_id: str | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.url = url
        self.patience = patience or Patience()
        self._conversation = Conversation(client_id, session_id)
        self._context = zmq.Context()
        self._link: Link | None = None
        self._pause = Event()  # never set: waiting for it is a pause

    @property
    def session_id(self) -> str | None:
        """The current session: the one last created or restored."""
        return self._conversation.session_id

    def ask(self, question: Question[Result]) -> Result:
        """Ask a question and return its result.

        Raises:
            ServerError: The server answered with an error.
            NoAnswerError: No attempt was answered.
            BadReplyError: The peer speaks something else.
            ValueError: The client's URL is none.
        """
        exchange = self._conversation.begin(question)
        patience, reason = self.patience, ""
        for pause_s in patience.pauses_s():
            self._pause.wait(pause_s)
            link = self._live_link()
            try:
                wait_s = patience.wait_s(exchange.operation)
                reply = link.ask(exchange.request_id, exchange.body, patience.answer_s, wait_s)
            except LinkError as failed:
                reason = str(failed)
                self._disconnect()
            except BadReplyError:
                self._disconnect()
                raise
            else:
                return exchange.finish(reply)
        raise exchange.unanswered(self.url, reason)

    def _live_link(self) -> Link:
        """Return the link, a new one if there is none of use."""
        if self._link is not None and self._link.is_lost():
            self._disconnect()
        if self._link is None:
            self._link = Link(self._context, self.url)
        return self._link

    def _disconnect(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None

    def close(self) -> None:
        """Disconnect. The session stays on the server."""
        if self._link is not None:
            self._link.close(self.patience.linger_s)
            self._link = None
        self._context.term()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    ping = _asks(questions.ping)
    describe = _asks(questions.describe)
    create = _asks(questions.create)
    restore = _asks(questions.restore)
    close_session = _asks(questions.close_session)
    session_info = _asks(questions.session_info)
    sessions = _asks(questions.sessions)
    keep_state = _asks(questions.keep_state)
    evaluate = _asks(questions.evaluate)
    read_text = _asks(questions.read_text)
    complete = _asks(questions.complete)
    interrupt = _asks(questions.interrupt)
    history = _asks(questions.history)
    inspect = _asks(questions.inspect)
    navigate = _asks(questions.navigate)
    select = _asks(questions.select)
    view = _asks(questions.view)
    define_view = _asks(questions.define_view)
    inspector_state = _asks(questions.inspector_state)
    save_context = _asks(questions.save_context)
    load_context = _asks(questions.load_context)
    clear_context = _asks(questions.clear_context)
    undo = _asks(questions.undo)
    diff = _asks(questions.diff)
    contexts = _asks(questions.contexts)
    file_in = _asks(questions.file_in)
    file_out = _asks(questions.file_out)
    run_tests = _asks(questions.run_tests)
    method = _asks(questions.method)
    method_versions = _asks(questions.method_versions)
    restore_method = _asks(questions.restore_method)
    suspended = _asks(debugquestions.suspended)
    stack = _asks(debugquestions.stack)
    frame = _asks(debugquestions.frame)
    set_variable = _asks(debugquestions.set_variable)
    step_into = _asks(debugquestions.step_into)
    step_over = _asks(debugquestions.step_over)
    step_out = _asks(debugquestions.step_out)
    proceed = _asks(debugquestions.proceed)
    resume = _asks(debugquestions.resume)
    retry = _asks(debugquestions.retry)
    pass_exception = _asks(debugquestions.pass_exception)
    restart_frame = _asks(debugquestions.restart_frame)
    return_value = _asks(debugquestions.return_value)
    create_method = _asks(debugquestions.create_method)
    abandon = _asks(debugquestions.abandon)
    set_breakpoint = _asks(debugquestions.set_breakpoint)
    remove_breakpoint = _asks(debugquestions.remove_breakpoint)
    breakpoints = _asks(debugquestions.breakpoints)
