"""The console without its keyboard: takes what a person sent, asks the server, shows what comes back.

Thread: the event loop's.
"""

from collections.abc import Mapping
from typing import Final

from protocol import Event

from .aclient import AsyncClient
from .commands import commands_in_force, run_command
from .debugcommands import DEBUGGER_KEYS
from .debugger import Debugger, waiting_note
from .errors import ClientError, CodeError, DeniedError, NoAnswerError, NotFoundError, SessionNotFoundError
from .input import Mode, read_command
from .keyboard import Keyboard, Line
from .longtexts import PAGE_CHARS, LongText, LongTexts
from .patience import Patience
from .render import Screen
from .results import Evaluation, RestoredSession, Whole
from .sourceresults import Suggestions
from .state import OpenDebugger, State
from .transcript import Transcript
from .undoing import Undos

#: A person decides how long to wait: Ctrl-C interrupts the evaluation, and a second one ends the waiting.
_PATIENCE: Final = Patience(queued_answer_s=None, attempts=None)


class Shell:
    """One person at one session.

    Attributes:
        client: The connection.
        screen: Where answers are shown.
        keyboard: How the person is asked for more than a line.
        debugger: What is open of the computations that wait.
        is_open: False when it is time to leave.
        transcript: What was shown of the session's.
        long_texts: What was shown in part.
        undos: The undos that can be taken back.
    """

    def __init__(
        self,
        url: str,
        client_id: str,
        screen: Screen,
        state: State,
        keyboard: Keyboard,
        patience: Patience | None = None,
    ) -> None:
        self.screen = screen
        self.keyboard = keyboard
        self.is_open = True
        self.client = AsyncClient(
            url,
            client_id,
            patience=patience or _PATIENCE,
            on_event=self._hear,
            on_connection=self._notice,
        )
        self._client_id = client_id
        self._state = state
        self.transcript = Transcript()
        self.long_texts = LongTexts()
        self.debugger = Debugger(self)
        self.undos = Undos()

    # Sessions

    async def begin(self, session_id: str | None) -> None:
        """Restore the session named, else the last one, else make one.

        One that is named and is not there is replaced by none: what comes next may not be meant for another.
        """
        last = self._state.last_session(self._client_id, self.client.url)
        try:
            if session_id is not None:
                await self.restore(session_id)
            elif last is None:
                await self.create()
            else:
                await self._restore_or_create(last)
        except ClientError as error:
            self._fail(error)
            if self.is_open:
                self.screen.note("no session yet: :sessions lists yours, :restore brings one back, :new makes one")

    def _fail(self, error: ClientError) -> None:
        """Show an error; leave if nobody answers any more."""
        self.screen.failure(error)
        if isinstance(error, SessionNotFoundError):
            self.screen.note(":sessions lists yours, :new makes one")
        self.is_open = self.is_open and not isinstance(error, NoAnswerError)

    async def _restore_or_create(self, session_id: str) -> None:
        try:
            await self.restore(session_id)
        except (NotFoundError, DeniedError) as error:
            self.screen.failure(error)
            await self.create()

    async def create(self, from_session: str | None = None) -> None:
        """Make a session, empty or as a copy of another, and go on in it."""
        session = await self.client.create(from_session)
        self.debugger.close()
        self._forget_session()
        self.screen.note(f"session {session.session_id} is new")
        await self._settle()

    async def restore(self, session_id: str) -> None:
        """Bring a session back and go on in it."""
        place = self._state.open_debugger(self._client_id, self.client.url)
        restored = await self.client.restore(session_id)
        self._forget_session()
        self.screen.restored(restored)
        await self._settle()
        await self._reopen(restored, place)

    def _forget_session(self) -> None:
        """What was shown and undone is another session's."""
        self.undos.forget()
        self.transcript.forget()
        self.long_texts.forget()

    async def _reopen(self, restored: RestoredSession, place: OpenDebugger | None) -> None:
        """Open the debugger where it stood, else say what waits."""
        suspended = restored.error_state.suspended
        here = [each.context_id for each in suspended] if place and place.session_id == self.client.session_id else []
        if place is not None and place.context_id in here:
            try:
                await self.debugger.open(place.context_id, place.frame)
            except ClientError as error:  # the session is there all the same
                self.screen.failure(error)
                self.debugger.close()
        else:
            self.debugger.close()
            if suspended:
                self.screen.warning(waiting_note(suspended))

    async def _settle(self) -> None:
        """Remember the session for the next run and listen to what it writes and how far its tests are."""
        self._state.remember(self._client_id, self.client.url, self.client.session_id)
        try:
            await self.client.listen(("transcript", "progress"))
        except DeniedError as error:
            # Too many listeners: what this console's own evaluations write still comes with their replies.
            self.screen.failure(error)

    def remember(self) -> None:
        """Note for the next run where the debugger stands."""
        session_id, context_id = self.client.session_id, self.debugger.context_id
        place = OpenDebugger(session_id, context_id, self.debugger.frame) if session_id and context_id else None
        self._state.remember_debugger(self._client_id, self.client.url, place)

    def forget(self) -> None:
        """The session is over: it is not to be restored at the next start."""
        self.debugger.close()
        self._state.remember(self._client_id, self.client.url, None)

    def has_session(self) -> bool:
        """Tell whether there is a session; say so if not, for nothing is to run in another one's stead."""
        if self.client.session_id is None:
            self.screen.refusal("there is no session: :new makes one, :restore brings one back")
            return False
        return True

    # Input

    def line(self) -> Line:
        """Return how the next line is asked for: with what before it, and which commands and keys."""
        is_debugging = self.debugger.context_id is not None
        commands = commands_in_force(is_debugging=is_debugging)
        prompt, keys = (self.debugger.prompt, DEBUGGER_KEYS) if is_debugging else ("st> ", {})
        return Line(prompt, commands, keys, self.suggest)

    async def suggest(self, code: str, position: int) -> Suggestions:
        """Return what may stand at a place in code, nothing if the server does not say."""
        try:
            if self.client.session_id is not None:
                return await self.client.complete(code, position)
        except ClientError:
            pass  # a person types on; what they send says what is wrong
        return Suggestions(position, ())

    async def handle(self, text: str, mode: Mode = Mode.PRINT) -> None:
        """Do what a person sent: a command, or code in one of the modes. Errors are shown, none is raised."""
        command = read_command(text.strip() or self.debugger.repeated or "")
        try:
            if command is not None:
                await run_command(self, command)
            elif text.strip() and self.has_session():
                await self.run(text, mode)
        except ClientError as error:
            await self._command_failed(error)

    async def _command_failed(self, error: ClientError) -> None:
        """Show why a command was not done; what the debugger showed may be gone."""
        self._fail(error)
        try:
            await self.debugger.check(error)
        except ClientError as another:
            self._fail(another)

    async def run(self, code: str, mode: Mode, depth: int | None = None) -> None:
        """Run code and show what the mode wants to be seen; failures of the code are shown at their place.

        While the debugger is open it runs in the selected frame.

        Args:
            code: Smalltalk.
            mode: What to do with its value.
            depth: Levels of children shown in mode INSPECT.
        """
        self.begin_code()
        try:
            if mode is Mode.INSPECT and self.debugger.context_id is None:
                self.screen.inspected(await self.client.inspect(code, depth=depth))
                return
            evaluation = await self._evaluate(code)
        except CodeError as error:
            self.failed(error, code)
            if error.context_id is not None:
                self.screen.note(self._opening(error.context_id))
            return
        self.conclude(evaluation.transcript, evaluation.whole)
        if mode is Mode.PRINT:
            self.show_value(evaluation)
        elif mode is Mode.INSPECT:
            self.screen.inspected(await self.client.inspect(object_id=evaluation.object_id, depth=depth))

    async def _evaluate(self, code: str) -> Evaluation:
        """Run code, in the selected frame if the debugger is open."""
        if self.debugger.context_id is None:
            return await self.client.evaluate(code)
        return await self.client.evaluate(code, context=self.debugger.context_id, frame=self.debugger.frame)

    def _opening(self, context_id: str) -> str:
        """Return how to open what has just begun to wait."""
        if self.debugger.context_id is None:
            return f"it waits as {context_id}: :debug opens it"
        return f"it waits as {context_id}: :debug {context_id} opens it"

    def begin_code(self) -> None:
        """Code is about to run: nothing is known of what it writes and answers."""
        self.transcript.begin()
        self.long_texts.forget()

    def show_value(self, evaluation: Evaluation) -> None:
        """Show the value of an expression, a very long one in part."""
        long = LongText.of_value(evaluation)
        self.long_texts.note_value(long)
        self.screen.page(evaluation.result[:PAGE_CHARS], long.left, ":more")

    def conclude(self, transcript: str, wholes: Mapping[str, Whole]) -> None:
        """Show what code wrote that has ended, as far as it was not shown while it ran."""
        whole = wholes.get("transcript")
        self.long_texts.note_transcript(transcript, whole)
        self._show_transcript(self.transcript.conclude(transcript, whole and whole.size))

    def failed(self, error: CodeError, code: str = "") -> None:
        """Show what failed code wrote, and where and why it failed."""
        self.conclude(error.transcript, error.whole)
        self.screen.failure(error, code)

    async def interrupt(self) -> None:
        """Stop what runs in the session."""
        was_running = await self.client.interrupt()
        self.screen.note("interrupted" if was_running else "nothing is running")

    # What the server says unasked

    def _hear(self, event: Event) -> None:
        if event.name == "progress":
            if event.data["done"] < event.data["total"]:  # else the report follows, or came already
                self.screen.progress(event.data["done"], event.data["total"])
        else:
            self._show_transcript(self.transcript.hear(str(event.data.get("text", ""))))

    def _show_transcript(self, text: str) -> None:
        if text:
            self.screen.transcript(text)

    def _notice(self, is_there: bool) -> None:  # noqa: FBT001 - a callback with one fact
        if is_there:
            self.screen.warning(f"connected to {self.client.url}")
        else:
            how_long = "until it answers" if self.client.patience.attempts is None else "for a while"
            self.screen.warning(f"no connection to {self.client.url}; trying again {how_long}")

    async def close(self) -> None:
        """Disconnect; the session stays on the server."""
        await self.client.close()
