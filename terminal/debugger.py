"""The console's debugger: one computation that waits is open, and one of its frames is selected.

It asks anew for everything it shows, so nothing of it is stale after a reconnect or a restart of the server; all it
remembers is which computation and which frame, and the console's state keeps that between runs.
"""

import re
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Final

from .debugrender import show_source, show_stack, show_suspension, show_variables, why
from .debugresults import Advance, Frame, FrameView
from .errors import ClientError, CodeError, NotFoundError, SessionNotFoundError
from .suspensions import Suspension

if TYPE_CHECKING:
    from .shell import Shell

#: Frames shown at once: with the source below them they fit on a screen.
_STACK_ROWS: Final = 10
#: Of them, so many are further in than the selected one.
_ROWS_BEFORE: Final = 3
#: Steps that `through` takes at most: iterations of collections come to their block within a few.
_THROUGH_STEPS_MAX: Final = 100
#: Methods whose only work is to report an error or to halt; Pharo's debugger opens at what called them, too.
_REPORTING: Final = re.compile(r"doesNotUnderstand:|error\w*:?.*|halt\w*:?|assert\w*:.*|subclassResponsibility")


class Debugger:
    """What is open in one console.

    Attributes:
        context_id: The computation; None while the debugger is closed.
        frame: Number of the selected frame, 0 for the innermost.
        repeated: The step that Enter alone does again.
    """

    def __init__(self, shell: "Shell") -> None:
        self._shell = shell
        self.context_id: str | None = None
        self.frame = 0
        self.repeated: str | None = None

    @property
    def prompt(self) -> str:
        """What stands before the line to be typed: the computation and the frame."""
        return f"{self.context_id}:{self.frame}> "

    # Open, close

    async def open(self, wanted: str | None = None, frame: int | None = None) -> None:
        """Open a computation, the one suspended last unless told, and show it.

        Args:
            wanted: Its id.
            frame: The frame to select; None is the innermost that does more than report an error.

        Raises:
            ClientError: The server was asked and did not do it.
        """
        shell = self._shell
        found = _find(await shell.client.suspended(), wanted)
        if found is None:
            missing = "nothing waits" if wanted is None else f"no computation {wanted} waits; :waiting lists what does"
            shell.screen.refusal(missing)
            return
        self._settle(found.context_id, frame or 0)
        if frame is None:
            await self._select_cause()
        show_suspension(shell.screen, found)
        await self.show()
        shell.screen.note(":help lists what can be done; :leave lets it wait")

    def close(self) -> None:
        """Close the debugger; what waits goes on waiting."""
        self._settle(None, 0)

    async def leave_if_gone(self) -> None:
        """Close the debugger when its computation waits no more, whatever ended it."""
        waiting = await self._shell.client.suspended()
        if self.context_id is not None and _find(waiting, self.context_id) is None:
            self._shell.screen.warning(f"{self.context_id} waits no more; the debugger is closed")
            self.close()

    def _settle(self, context_id: str | None, frame: int) -> None:
        self.context_id, self.frame, self.repeated = context_id, frame, None
        self._shell.remember()

    # Look

    async def view(self) -> FrameView:
        """Return the selected frame.

        Raises:
            ClientError: The server was asked and did not do it.
        """
        return await self._shell.client.frame(self.context_id, self.frame)

    async def show(self) -> None:
        """Show the stack around the selected frame, its source and its variables."""
        await self.show_stack()
        view = await self.view()
        show_source(self._shell.screen, view)
        show_variables(self._shell.screen, view.variables)

    async def show_stack(self, count: int = _STACK_ROWS) -> None:
        """Show so many frames around the selected one."""
        offset = max(0, self.frame - _ROWS_BEFORE)
        stack = await self._shell.client.stack(self.context_id, offset=offset, count=count)
        show_stack(self._shell.screen, stack, self.frame)

    async def select(self, frame: int) -> None:
        """Select a frame, as near as there is one, and show where it stands."""
        total = (await self._shell.client.stack(self.context_id, count=0)).total
        nearest = min(max(frame, 0), total - 1)
        if nearest != frame:
            self._shell.screen.note("the innermost frame" if frame < 0 else "the outermost frame")
        self.frame = nearest
        self._shell.remember()
        show_source(self._shell.screen, await self.view())

    async def _select_cause(self) -> None:
        """Select the innermost frame that does more than report an error: that is where a person looks for it."""
        stack = await self._shell.client.stack(self.context_id, count=_STACK_ROWS)
        self.frame = next((each.number for each in stack.frames if not _REPORTING.fullmatch(each.selector)), 0)
        self._shell.remember()

    # Go on

    async def advance(self, going: Awaitable[Advance], code: str = "") -> bool:
        """Let the computation go on and show what came of it.

        Args:
            going: The question that lets it go on, asked.
            code: What a person typed for it, to mark errors in.

        Returns:
            False when it did not go on, because the code does not compile or failed itself.

        Raises:
            ClientError: The server was asked and did not do it.
        """
        return await self._show_outcome(self._heard(going), code)

    async def _show_outcome(self, going: Awaitable[Advance], code: str = "") -> bool:
        try:
            advance = await going
        except CodeError as error:
            return await self._failed(error, code)
        if advance.evaluation is None:
            await self._stopped(advance)
        else:
            self.close()
            self._shell.show_value(advance.evaluation)
            await self.tell_what_waits()
        return True

    async def _heard(self, going: Awaitable[Advance]) -> Advance:
        """Wait for what comes of going on, and show what it wrote meanwhile.

        Raises:
            ClientError: The server was asked and did not do it, or it failed again.
        """
        self._shell.begin_code()
        advance = await going
        self._shell.conclude(advance.transcript, advance.whole)
        return advance

    async def _stopped(self, advance: Advance) -> None:
        """Show where the computation stands after it stopped again."""
        self.frame = 0
        self._shell.remember()
        if advance.stop_kind == "breakpoint":
            self._shell.screen.note("a breakpoint")
        show_source(self._shell.screen, await self.view())

    async def _failed(self, error: CodeError, code: str) -> bool:
        """Show why the computation failed again, and where; False if only the code typed for it failed."""
        if error.context_id == self.context_id and not (code and await self._waits_as_before(error)):
            self._shell.failed(error)
            await self._select_cause()
            await self.show()
            return True
        self._shell.failed(error, code)
        if error.context_id == self.context_id:
            self._shell.screen.note(f"{self.context_id} waits as before")
            return False
        if error.context_id is not None:
            self._shell.screen.note(f"that waits too, as {error.context_id}")
        await self.leave_if_gone()
        return False

    async def _waits_as_before(self, error: CodeError) -> bool:
        """Tell whether the computation waits for another reason than this error."""
        found = _find(await self._shell.client.suspended(), self.context_id)
        return found is not None and found.message != error.message

    # Step

    async def over(self) -> None:
        """Step over the call in the selected frame: what it called further in runs to its end.

        Raises:
            ClientError: The server was asked and did not do it.
        """
        if self.frame == 0:
            await self.advance(self._shell.client.step_over(self.context_id))
        else:
            await self._show_outcome(self._run_out(self.frame))

    async def out(self) -> None:
        """Run the selected frame, and what it called, to the end.

        Raises:
            ClientError: The server was asked and did not do it.
        """
        await self._show_outcome(self._run_out(self.frame + 1))

    async def through(self) -> None:
        """Step over the call in the selected frame, but stop in a block of its method if that runs.

        Raises:
            ClientError: The server was asked and did not do it.
        """
        view = await self.view()
        if "[" in view.source[view.start : view.stop]:
            await self._show_outcome(self._run_into(view.frame))
        else:
            await self.over()

    async def _run_out(self, frame_count: int) -> Advance:
        """Run so many of the innermost frames to their end, unless the computation stops before for another reason."""
        client = self._shell.client
        wanted = (await client.stack(self.context_id, count=0)).total - frame_count
        advance = await self._heard(client.step_out(self.context_id))
        for _ in range(1, frame_count):  # each step ends one frame at least
            if advance.stop_kind != "step" or advance.frame_count <= wanted:
                break
            advance = await self._heard(client.step_out(self.context_id))
        return advance

    async def _run_into(self, frame: Frame) -> Advance:
        """Step into calls until a frame's method goes on, or one of its blocks."""
        client = self._shell.client
        advance = await self._heard(client.step_into(self.context_id))
        for _ in range(1, _THROUGH_STEPS_MAX):
            if advance.evaluation is not None or await self._is_in(frame):
                break
            advance = await self._heard(client.step_into(self.context_id))
        return advance

    async def _is_in(self, frame: Frame) -> bool:
        """Tell whether the computation stands in a frame's method or one of its blocks."""
        top = (await self._shell.client.stack(self.context_id, count=1)).frames[0]
        return (top.class_name, top.selector) == (frame.class_name, frame.selector)

    # End

    async def abandon(self) -> None:
        """Give the computation up.

        Raises:
            ClientError: The server was asked and did not do it.
        """
        self._shell.screen.note(f"{await self._shell.client.abandon(self.context_id)} is given up")
        self.close()
        await self.tell_what_waits()

    async def tell_what_waits(self) -> None:
        """Say what waits in the session, if anything.

        Raises:
            ClientError: The server was asked and did not do it.
        """
        suspensions = await self._shell.client.suspended()
        if suspensions:
            self._shell.screen.note(waiting_note(suspensions))

    # After an error of a command

    async def check(self, error: ClientError) -> None:
        """Close the debugger if an error of the server says that its computation is gone, or its session."""
        if isinstance(error, SessionNotFoundError):
            self.close()
        elif self.context_id is not None and isinstance(error, NotFoundError):
            await self.leave_if_gone()


def waiting_note(suspensions: tuple[Suspension, ...]) -> str:
    """Return the line that says what waits."""
    last = suspensions[-1]
    if len(suspensions) == 1:
        return f"a computation waits, {last.context_id} ({why(last)}): :debug opens it"
    return f"{len(suspensions)} computations wait: :debug opens the last, {last.context_id}; :waiting lists them"


def _find(suspensions: tuple[Suspension, ...], wanted: str | None) -> Suspension | None:
    """Return the computation with an id, by default the last."""
    if wanted is None:
        return suspensions[-1] if suspensions else None
    return next((each for each in suspensions if each.context_id == wanted), None)
