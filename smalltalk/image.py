"""An image: one session's live Smalltalk, as the session's actor uses it.

Everything here runs on the one thread that runs Smalltalk. What runs code of the language takes an `Evaluation` and is
called inside that evaluation's greenlet; everything else answers at once. A change is durable when the delta that
`drain_delta` answers is committed; after a failed commit the image is dropped and restored.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from . import tools
from .background import Background
from .debugging.debugger import Debugger
from .debugging.keeping import Doing
from .memory.draining import at_once
from .memory.errors import BrokenImageError
from .memory.heap import Heap
from .memory.objectids import ObjectIds
from .memory.oids import ROOT_OID
from .memory.packing import PlainRecords
from .memory.patches import WorldState
from .memory.registry import Registry
from .memory.root import Root
from .memory.workspaces import SESSION_TOOL, Workspaces
from .running import Runs
from .runtime import current
from .runtime.evaluation import Evaluation
from .runtime.limits import CPU_BUDGET_MS, WAIT_BUDGET_MS
from .runtime.world import World
from .tools.inspect import CHILDREN_PER_PAGE_MAX, ObjectView, custom_text, view_of
from .tools.inspector import Inspector
from .tools.naming import named_class
from .tools.printing import described

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from types import FrameType

    from .memory.packing import Packing
    from .memory.records import Delta, RecordSource
    from .runtime.host import Host
    from .runtime.kernel import Kernel
    from .runtime.outcome import Outcome


class Image:
    """One session's world, heap, workspaces and inspector. Made by `create` or `restore`.

    Attributes:
        background: what its processes do while no evaluation runs.
        debugger: its computations that stopped and wait.
    """

    def __init__(self, kernel: Kernel, host: Host, source: RecordSource | None, *, is_safe: bool = False) -> None:
        self.world = World(kernel, host)
        self.world.breakpoints.are_heeded = not is_safe
        self._heap = Heap(self.world, source)
        self.world.use_heap(self._heap)
        self._activate()
        root = self._root = Root() if source is None else self._stored_root()
        state = WorldState(self.world, self._heap, root)
        if source is None:
            self._heap.adopt(root)
        else:
            state.restore()
        self._heap.state = state
        self._workspaces = Workspaces(root, self._heap)
        self._runs = Runs(self.world, self._workspaces)
        self.background = Background(self.world, self._heap, root, is_held=is_safe)
        self._registry = Registry(root.ring, root.turns, self._heap.mark)
        self._ids = ObjectIds(self._heap, self._registry)
        id_of = partial(self._ids.of, is_kept=False)
        self.debugger = Debugger(self.world, self._heap, root, self._workspaces, self._runs, id_of)
        self._inspector = Inspector(self.world, root.inspector, self._heap.mark, self._ids.of)

    @classmethod
    def create(cls, kernel: Kernel, host: Host) -> Image:
        """Make the image of a new session."""
        return cls(kernel, host, None)

    @classmethod
    def restore(cls, kernel: Kernel, host: Host, source: RecordSource, *, is_safe: bool = False) -> Image:
        """Bring an image back as its records say; objects are read when they are touched.

        In safe mode nothing goes on by itself: processes stay as they are stored, breakpoints are ignored.

        Raises:
            BrokenImageError: the records do not make an image. Errors of the source pass through.
        """
        return cls(kernel, host, source, is_safe=is_safe)

    def _stored_root(self) -> Root:
        """The root object of the records."""
        root = self._heap.find(ROOT_OID)
        if not isinstance(root, Root):
            raise BrokenImageError("the session has no root object")
        return root

    def _activate(self) -> None:
        """Let this image's objects load themselves: no evaluation of another one runs now."""
        current.world = self.world

    # Running code

    def begin(
        self,
        *,
        cpu_budget_ms: int = CPU_BUDGET_MS,
        wait_budget_ms: int = WAIT_BUDGET_MS,
        yield_: Callable[[], object] | None = None,
        park: Callable[[int], None] | None = None,
    ) -> Evaluation:
        """Make the evaluation of one run; its arguments are those of `Evaluation`."""
        return Evaluation(
            self.world, cpu_budget_ms=cpu_budget_ms, wait_budget_ms=wait_budget_ms, yield_=yield_, park=park
        )

    def evaluate(
        self,
        code: str,
        *,
        tool_id: str | None,
        display: bool,
        evaluation: Evaluation,
        context_id: str | None = None,
        frame: int = 0,
    ) -> Outcome:
        """Run a do-it to its end, whatever that is, and print its value.

        Args:
            code: the text; names that mean nothing become variables of the tool's workspace.
            tool_id: which workspace; None is the session's own.
            display: answer the displayString as well.
            evaluation: its budget; new.
            context_id: a computation that waits: the code runs in a frame of it, sees and assigns its variables.
            frame: number of that frame.

        Raises:
            UnknownContextError, UnknownFrameError: there is no such frame.
        """
        doing = Doing(code, tool_id or SESSION_TOOL, display)
        return self.debugger.evaluate(doing, evaluation, context_id, frame)

    def suspend(self, evaluation: Evaluation, frame: FrameType | None) -> bool:
        """Keep what a parked evaluation does, to go on with it later, perhaps in another process.

        `frame` is the innermost one of its greenlet, which is given up afterwards. True if it is kept, with the next
        delta, as `evaluation.suspension`.
        """
        self._activate()
        return self.debugger.waiting.stop(evaluation, frame)

    def resume_stopped(self, context_id: str, evaluation: Evaluation) -> Outcome:
        """Let a computation go on that `suspend` kept, see `Debugger.proceed`; the outcome is that of `evaluate`."""
        return self.debugger.proceed(context_id, evaluation=evaluation)

    def inspect(
        self,
        *,
        evaluation: Evaluation,
        target: str | None = None,
        object_id: str | None = None,
        tool_id: str | None = None,
        offset: int = 0,
        count: int = CHILDREN_PER_PAGE_MAX,
        depth: int = 1,
    ) -> Outcome:
        """Inspect the value of an expression or the object with an id; the inspector's path begins anew there.

        Args:
            evaluation: the budget of the expression and of all printing; new.
            target: an expression, or
            object_id: an object's id.
            tool_id: workspace of the expression.
            offset: number of the first child to show.
            count: children to show at most.
            depth: levels of children.

        Returns:
            The outcome whose `value` is an `ObjectView`.

        Raises:
            UnknownObjectIdError: no object of this session has that id.
        """

        def show(value: Any, label: str) -> ObjectView:
            self._inspector.open(value, label)
            return self._view(value, offset, count, depth)

        if object_id is not None:
            value = self.object_by_id(object_id)
            return self._runs.body(evaluation, lambda: show(value, object_id))
        text = target or ""
        return self._runs.doit(
            text, tool_id, evaluation, lambda doit, arguments: show(doit.run(self.world, arguments), text)
        )

    def inspect_current(
        self, *, evaluation: Evaluation, offset: int = 0, count: int = CHILDREN_PER_PAGE_MAX, depth: int = 1
    ) -> Outcome:
        """Show the object where the inspector stands; the path stays.

        Raises:
            InspectorError: nothing was inspected yet.
        """
        self._activate()
        value = self._inspector.current()
        return self._runs.body(evaluation, lambda: self._view(value, offset, count, depth))

    def _view(self, value: Any, offset: int, count: int, depth: int) -> ObjectView:
        """Show an object, in an evaluation that runs."""
        above = self._inspector.above()
        view = view_of(self.world, value, self._ids.of, above=above, offset=offset, count=count, depth=depth)
        custom = self._inspector.custom_view(value)
        if custom is None:
            return view
        return view.with_text(custom_text(self.world, value, lambda: self._runs.value_of(custom.code)))

    # Sources and tests

    def file_in(self, text: str, file_format: str, *, evaluation: Evaluation) -> Outcome:
        """Define what a file (`chunk` or `tonel`) holds; the outcome's value is a `FileInReport`."""
        self._activate()
        return self._runs.body(
            evaluation, lambda: tools.FileIn(self.world, self._runs.runner_of, evaluation.poll).load(text, file_format)
        )

    def file_out(
        self, file_format: str, *, class_name: str | None = None, package: str | None = None, evaluation: Evaluation
    ) -> Outcome:
        """Write a class, a package or all of the session as a file (`chunk` or `tonel`): the outcome's value.

        Raises:
            UnknownClassError: no class has that name.
        """
        self._activate()
        if class_name is not None:
            filed = tools.class_definitions(self.world, named_class(self.world, class_name))
        else:
            filed = (
                tools.all_definitions(self.world) if package is None else tools.package_definitions(self.world, package)
            )
        return self._runs.body(evaluation, lambda: tools.write_definitions(filed, file_format, evaluation.poll))

    def run_tests(
        self,
        *,
        class_names: Sequence[str] | None = None,
        package: str | None = None,
        evaluation: Evaluation,
        on_progress: Callable[[tools.SuiteProgress], None] = lambda _progress: None,
    ) -> Outcome:
        """Run the tests of classes, of a package or of the session; the outcome's value is a `SuiteReport`.

        Before each test and at the end `on_progress` is told.

        Raises:
            UnknownClassError: a name is that of no class, or of one without tests.
        """
        self._activate()
        classes, is_exact = tools.chosen_classes(self.world, class_names, package), class_names is not None
        return self._runs.body(
            evaluation, lambda: tools.run_test_classes(self.world, classes, on_progress, is_exact=is_exact)
        )

    # Objects

    def object_id(self, value: Any) -> str:
        """Return a value's id; a heap object is kept, so that its id stays valid for the last 256 results."""
        return self._ids.of(value, is_kept=True)

    def object_by_id(self, object_id: str) -> Any:
        """Return the value with that id.

        Raises:
            UnknownObjectIdError: no object of this session has that id.
        """
        self._activate()
        return self._ids.value(object_id)

    def variables(self, tool_id: str | None = None) -> list[dict[str, str]]:
        """List workspace variables, of one tool or of all, without running code of the language.

        Returns:
            `{name, tool_id, class_name, text, object_id}` of each.
        """
        self._activate()
        return [
            {
                "name": binding.name,
                "tool_id": tool,
                "class_name": self.world.class_of(binding.v).name,
                "text": described(self.world, binding.v),
                "object_id": self._ids.of(binding.v, is_kept=False),
            }
            for tool, binding in self._workspaces
            if tool_id is None or tool == tool_id
        ]

    def object_registry(self) -> dict[str, str]:
        """List the objects kept for their ids: object id -> short description."""
        self._activate()
        return {
            self._ids.of(kept, is_kept=False): described(self.world, value) for kept, value in self._registry.items()
        }

    # The inspector

    def navigate(
        self, *, into: str | int | None = None, back: bool = False, forward: bool = False, to: int | None = None
    ) -> dict[str, Any]:
        """Move the inspector one step and answer its state, see `Inspector.navigate`.

        Raises:
            InspectorError: there is nothing in that direction.
        """
        self._activate()
        self._inspector.navigate(into=into, back=back, forward=forward, to=to)
        return self._inspector.listing()

    def select(self, child: str | int | None) -> dict[str, Any]:
        """Select a child of the object shown (None: nothing) and answer the inspector's state.

        Raises:
            InspectorError: there is no such child.
        """
        self._activate()
        self._inspector.select(child)
        return self._inspector.listing()

    def view(self, name: str, settings: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Choose how objects are shown and answer the inspector's state.

        Raises:
            InspectorError: the settings are too long.
        """
        self._activate()
        self._inspector.choose_view(name, settings)
        return self._inspector.listing()

    def define_view(self, class_name: str, name: str, code: str) -> dict[str, Any]:
        """Add a custom view for a class and answer the inspector's state.

        Raises:
            UnknownClassError: no class has that name.
            SyntaxFailure: the code does not parse.
            SemanticFailure: the code uses names that mean nothing.
            InspectorError: there are too many views.
        """
        self._activate()
        subject = named_class(self.world, class_name)
        self._runs.check(code)
        self._inspector.define_view(subject, name, code)
        return self._inspector.listing()

    def inspector_state(self) -> dict[str, Any]:
        """Answer the inspector's path, selection, view and custom views as plain data."""
        self._activate()
        return self._inspector.listing()

    # Durability

    @property
    def damage(self) -> Exception | None:
        """The error of reading a record, if one could not be read; the evaluation that ran then just failed."""
        return self._heap.damage

    def drain_delta(self) -> Delta | None:
        """Return what changed since the last time, its records plain; see `draining`."""
        steps = self.draining(PlainRecords)
        return None if steps is None else at_once(steps)

    def draining(self, packing: Callable[[], Packing]) -> Generator[None, None, Delta | None] | None:
        """Return what changed since the last time, in steps, between which the image may be read; None if nothing did.

        Raises:
            UnstorableValueError: a step met something that has no record; nothing counts as drained.
        """
        self._activate()
        self.background.save()
        if not self._heap.is_changed:
            return None
        may_trim = not self._runs.under_way and not self.background.holds_uncaptured
        return self._heap.draining(packing(), may_trim=may_trim)

    def close(self) -> None:
        """Let go of everything; the image cannot be used any more.

        A world refers to its functions and they to the world: what is dropped without this waits for Python's search
        for cycles, which a server with many live objects makes as rare as it can.
        """
        self.background.close()
        self.world.process_keeper = None
        self._heap.close()
        self.world.close()
