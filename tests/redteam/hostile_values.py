"""Values that primitives do not expect, and receivers of every class for the methods that are primitives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from smalltalk.compiler.unit import compile_doit
from smalltalk.runtime.evaluation import Evaluation
from smalltalk.runtime.safe_points import set_poll
from smalltalk.runtime.scopes import DoitScope
from smalltalk.runtime.world import World
from tests.smalltalk.harness import FakeHost, kernel

if TYPE_CHECKING:
    from smalltalk.runtime.outcome import Outcome

#: Expressions of one value each: of every kind there is, at the edges of what is sensible.
EXPRESSIONS = (
    *("nil", "true", "false", "-1", "0", "1", "3", "1 bitShift: 62", "(1 bitShift: 300) negated", "1.5", "Float nan"),
    *("Float infinity", "1/3", "$a", "Character value: 16r1F600", "''", "'abc'", "String with: (Character value: 955)"),
    *("#a", "#'__class__'", "#at:put:", "#'import os'", "'__dict__'", "#()", "#(1 $a 'b' #c)", "#[1 2 255]"),
    *("OrderedCollection with: 1 with: nil", "Set with: 1", "Dictionary with: 1 -> 2", "IdentityDictionary new"),
    *(
        "1 -> 2",
        "1 to: 5",
        "ReadStream on: #(1 2 3)",
        "WriteStream on: String new",
        "Object new",
        "Object",
        "Object class",
    ),
    *("[]", "[:a | a]", "[:a :b | nil foo]", "Object >> #printString", "Error new", "Semaphore new", "[] newProcess"),
    *("Smalltalk", "Transcript", "Processor", "thisContext", "DateAndTime fromUnixTime: 0", "1 @ 2", "Bag with: 3"),
    *(
        "Message selector: #foo arguments: #(1)",
        "'a' asRegex",
        "Date today",
    ),
    *("WeakArray new: 3", "Association basicNew", "Interval basicNew", "ReadStream basicNew", "Dictionary basicNew"),
    *(
        "OrderedCollection basicNew",
        "Set basicNew",
        "Exception basicNew",
        "Process basicNew",
        "Array2D rows: 2 columns: 2",
    ),
)

#: Receivers that one method is tried on.
RECEIVERS_MAX = 3


class Target(NamedTuple):
    """A method of the kernel that is a primitive: the class or metaclass that has it, and its selector."""

    owner: str
    selector: str
    is_class_side: bool

    @property
    def argument_count(self) -> int:
        """How many arguments its message takes."""
        return self.selector.count(":") or (0 if self.selector[0].isalpha() else 1)


def targets() -> dict[str, list[Target]]:
    """Every method of the kernel that is a primitive, on both sides of every class, by the class that has it."""
    found: dict[str, list[Target]] = {}
    for holder in kernel().classes.values():
        for is_class_side, behavior in ((False, holder), (True, holder.metaclass)):
            for selector, method in behavior.methods.items():
                if method.primitive is not None:
                    found.setdefault(holder.name, []).append(Target(holder.name, selector, is_class_side))
    return found


def new_patient() -> World:
    """A world whose time runs, so that what has no end is stopped by its budget."""
    host = FakeHost()
    host.step_ns = 1_000_000
    return World(kernel(), host)


def values(world: World) -> list[Any]:
    """The values of all expressions, made anew."""
    source = "{" + ". ".join(f"[{each}] value" for each in EXPRESSIONS) + "}"
    function = world.function(compile_doit(source, DoitScope(world), parametrise=False))
    outcome = Evaluation(world).run(lambda: function(None))
    assert outcome.failure is None, outcome.failure
    return list(outcome.value.items)


def receivers(world: World, target: Target, pool: list[Any]) -> list[Any]:
    """Values that understand a target by its own method: its class on a class side, else what inherits from it."""
    owner = world.kernel.classes[target.owner]
    if target.is_class_side:
        return [owner]
    return [value for value in pool if world.class_of(value).inherits_from(owner)][:RECEIVERS_MAX]


def send(world: World, receiver: Any, selector: str, arguments: list[Any]) -> Outcome:
    """Send a message as a do-it would; answers how it ended."""
    evaluation = Evaluation(world, cpu_budget_ms=200, wait_budget_ms=200)
    # Every safe point looks at the clock, of which each look takes a millisecond.
    set_poll(True)
    try:
        return evaluation.run(lambda: world.send(receiver, selector, *arguments))
    finally:
        set_poll(False)
