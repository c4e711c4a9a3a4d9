"""The asyncio client: many questions in flight, events, and a connection that comes back by itself.

It offers what `Client` offers, each method awaited; both are made of the same questions and the same conversation.
While it listens to a session's events it keeps connected: after a lost connection it wakes the session and goes on
listening where it stopped, without being asked. Nothing else is to be restored: every request names its session.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec, Self

import zmq.asyncio

from protocol import Event

from . import debugquestions, questions
from .alink import AsyncLink
from .client import DEFAULT_URL
from .conversation import Conversation
from .errors import ClientError, ServerError
from .patience import Patience
from .questions import Question, Result
from .sockets import LinkError

_Asked = ParamSpec("_Asked")


def _asks(
    build: Callable[_Asked, Question[Result]],
) -> "Callable[Concatenate[AsyncClient, _Asked], Coroutine[Any, Any, Result]]":
    """Make the method that asks a question."""

    @wraps(build)
    async def method(self: "AsyncClient", /, *args: _Asked.args, **kwargs: _Asked.kwargs) -> Result:
        return await self.ask(build(*args, **kwargs))

    return method


class AsyncClient:
    """One client and its current session.

    Args:
        url: Address of the server.
        client_id: Name of the client; its sessions are its own.
        session_id: A session of an earlier run to go on with.
        patience: How long to wait and how often to ask again.
        on_event: Called with each event listened to, once and in order.
        on_connection: Called with False when the server is lost, with True when it answers again.

    Thread: the event loop's.
    """

    def __init__(
        self,
        url: str = DEFAULT_URL,
        client_id: str = "python",
        session_id: str | None = None,
        patience: Patience | None = None,
        on_event: Callable[[Event], None] | None = None,
        on_connection: Callable[[bool], None] | None = None,
    ) -> None:
        self.url = url
        self.patience = patience or Patience()
        self._conversation = Conversation(client_id, session_id)
        self._context = zmq.asyncio.Context()
        self._link: AsyncLink | None = None
        self._on_event = on_event or (lambda _event: None)
        self._on_connection = on_connection or (lambda _is_there: None)
        self._is_there = True
        self._listening: tuple[str, tuple[str, ...]] | None = None
        self._last_seq = 0
        self._resuming: asyncio.Task[None] | None = None

    @property
    def session_id(self) -> str | None:
        """The current session: the one last created or restored."""
        return self._conversation.session_id

    async def ask(self, question: Question[Result]) -> Result:
        """Ask a question and return its result.

        Raises:
            ServerError: The server answered with an error.
            NoAnswerError: No attempt was answered.
            BadReplyError: The peer speaks something else.
            ValueError: The client's URL is none.
        """
        return await self._ask(question, self.patience)

    async def _ask(self, question: Question[Result], patience: Patience) -> Result:
        exchange = self._conversation.begin(question)
        reason = ""
        for pause_s in patience.pauses_s():
            await asyncio.sleep(pause_s)
            link = self._live_link()
            try:
                wait_s = patience.wait_s(exchange.operation)
                reply = await link.ask(exchange.request_id, exchange.body, patience.answer_s, wait_s)
            except LinkError as failed:
                reason = str(failed)
                self._lose(link)
            else:
                self._tell(is_there=True)
                return exchange.finish(reply)
        raise exchange.unanswered(self.url, reason)

    def _live_link(self) -> AsyncLink:
        """Return the link, a new one if there is none."""
        if self._link is None:
            self._link = AsyncLink(self._context, self.url, self._hear, self._lose, partial(self._tell, is_there=False))
        return self._link

    def _lose(self, link: AsyncLink) -> None:
        """Drop a link that failed; several requests over it may say so, only the first counts."""
        if link is not self._link:
            return
        self._link = None
        link.close()
        self._tell(is_there=False)
        if self._listening is not None and self._resuming is None:
            self._resuming = asyncio.create_task(self._resume())

    def _tell(self, *, is_there: bool) -> None:
        """Say that the server is lost or back, once each."""
        if is_there is not self._is_there:
            self._is_there = is_there
            self._on_connection(is_there)

    # Events

    async def listen(self, events: tuple[str, ...]) -> None:
        """Hear the current session's events from now on, whatever becomes of the connection.

        Args:
            events: Of ``transcript``, ``evaluation``, ``session``; a session listened to before is heard no more.

        Raises:
            ServerError: The server answered with an error, for example that there is no session.
            NoAnswerError: No attempt was answered.
        """
        session_id = self.session_id or ""
        before, self._listening = self._listening, (session_id, events)
        if before is None or before[0] != session_id:
            self._last_seq = 0
        try:
            if before is not None and before[0] != session_id:
                await self._stop_listening(before[0])
            latest_seq = await self.ask(questions.subscribe(events))
        except ClientError:
            self._listening = None
            raise
        self._last_seq = max(self._last_seq, latest_seq)

    async def _stop_listening(self, session_id: str) -> None:
        """Hear a session no more."""
        try:
            await self.ask(questions.subscribe((), session_id=session_id))
        except ServerError:
            # It was closed: there is nothing left to hear.
            return

    def _hear(self, event: Event) -> None:
        """Pass an event on, unless it was heard over an earlier connection or is of a session left behind."""
        if self._listening is not None and event.session_id == self._listening[0] and event.seq > self._last_seq:
            self._last_seq = event.seq
            self._on_event(event)

    async def _resume(self) -> None:
        """Get connected again, however long it takes, and go on listening."""
        patience = replace(self.patience, attempts=None)
        try:
            while self._listening is not None:
                session_id, events = self._listening
                await self._ask(questions.subscribe(events, self._last_seq + 1, session_id), patience)
                if self._link is not None:  # else it was lost again just now
                    return
        except ClientError:
            # The server answers, but not for this session any more; the next question will be told why.
            self._listening = None
        finally:
            self._resuming = None

    # End

    async def close(self) -> None:
        """Disconnect. The session stays on the server."""
        self._listening = None
        if self._resuming is not None:
            self._resuming.cancel()
            await asyncio.wait({self._resuming})
        if self._link is not None:
            self._link.close(self.patience.linger_s)
            self._link = None
        self._context.term()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

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
