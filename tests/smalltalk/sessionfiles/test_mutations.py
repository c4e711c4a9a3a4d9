"""Whatever one change makes of a file, it is refused with its line, or makes a session that answers everything.

Every kind of record, plain objects of many classes, waiting errors and a savepoint are in the file that is changed.
"""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from actors.operations.failures import REFUSED_BY_LANGUAGE
from smalltalk import Image, SessionFileError
from smalltalk.sessionfiles.kinds import FIELD_KINDS, TABLE_KINDS
from smalltalk.sessionfiles.labels import LABELS
from tests.smalltalk.harness import TickingHost, kernel
from tests.smalltalk.lifetimes import Records
from tests.smalltalk.sessionfiles.filed import read, written
from tests.smalltalk.sessionfiles.mutations import ALL_KINDS, Mutant

if TYPE_CHECKING:
    from smalltalk import SessionContents

PLACE = re.compile(r"Line \d+, column \d+: ")
#: Names of Python's errors: a failure that has one is a defect, whatever it is a failure of.
DEFECT = re.compile(r"\b(Attribute|Type|Key|Index|Assertion|Value|BrokenImage|Name|Runtime)Error\b")
PROGRAM = (
    *("{arr. list. d. set. bag. exc. cx. m. meta. s} printString", "b value: 3", "list collect: [:e | e printString]"),
    *(
        "d at: c",
        "Counter fresh bump",
        "sh printString",
        "3 plusTwo",
        "sem signal. Processor yield. acc",
        "home value: 2",
    ),
    *("Counter compile: 'zip ^1'", "Object subclass: #Shaped instanceVariableNames: 'b q' package: 'Demo'", "Glob. sh"),
)
#: What is done with each computation that waits, in turns.
RECOVERY = ("proceed", "retry", "step", "restart_frame", "pass_", "return_value", "abandon")


class Session:
    """A session of a file, of which everything is asked; each loop of it ends with its budget."""

    def __init__(self, contents: SessionContents) -> None:
        self._records = Records()
        self._records.records, self._records.next_oid = dict(contents.records), contents.next_oid
        self._contents = contents
        self.image = Image.restore(kernel(), TickingHost(), self._records)

    def budget(self) -> Any:
        return self.image.begin(cpu_budget_ms=30, wait_budget_ms=30)

    def ask(self, question: Any) -> Any:
        """Ask; a refusal is an answer, a defect is none."""
        try:
            answer = question()
        except REFUSED_BY_LANGUAGE:
            return None
        failure = getattr(answer, "failure", None)
        assert failure is None or not DEFECT.search(failure.message), failure
        assert self.image.damage is None
        return answer

    def ask_everything(self) -> None:
        """Look at everything, run code, let what waits go on, store and write what came of it."""
        image, debugger = self.image, self.image.debugger
        for question in (image.object_registry, image.inspector_state, debugger.breakpoints, debugger.ids_given):
            self.ask(question)
        self.ask(lambda: image.inspect_current(evaluation=self.budget()))
        for variable in self.ask(image.variables):
            self.ask(lambda oid=variable["object_id"]: image.inspect(object_id=oid, evaluation=self.budget(), depth=2))
        for code in PROGRAM:
            self.ask(lambda code=code: image.evaluate(code, tool_id=None, display=True, evaluation=self.budget()))
        self.ask(lambda: image.file_out("tonel", evaluation=self.budget()))
        for number, summary in enumerate(self.ask(debugger.contexts)):
            self.recover(summary.context_id, RECOVERY[number % len(RECOVERY)])
        slices = iter(range(10))
        image.background.run(lambda: next(slices, None) is None)
        delta = self.ask(image.drain_delta)
        self._records.records.update(delta.records)
        read(written(self._contents._replace(records=self._records.records, next_oid=delta.next_oid, savepoints=[])))
        image.close()

    def recover(self, context_id: str, how: str) -> None:
        """Look at a computation that waits, and let it go on."""
        debugger = self.image.debugger
        self.ask(lambda: debugger.stack(context_id))
        self.ask(lambda: debugger.frame(context_id, 0, evaluation=self.budget()))
        arguments = {"step": ("over",), "restart_frame": (0,), "return_value": (0, "4")}.get(how, ())
        self.ask(lambda: getattr(debugger, how)(context_id, *arguments, evaluation=self.budget()))


def test_the_file_has_every_kind_of_record_and_answers_everything() -> None:
    text = ALL_KINDS.read_text()
    assert {ref for ref in LABELS if f"#kind:#{ref[1:]}," not in text} == {"%Local", "%Field"}
    Session(read(ALL_KINDS.read_bytes())).ask_everything()


def test_every_field_says_what_it_may_hold() -> None:
    for ref, labels in LABELS.items():
        coded = labels.payload if labels.style != "names" else ""
        assert set(FIELD_KINDS[ref]) == {*labels.plain, *labels.values, *([coded] if coded else [])}, ref
        for name, kinds in FIELD_KINDS[ref].items():
            assert ((ref, name) in TABLE_KINDS) == ("%Table" in kinds and ref != "%Page"), (ref, name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *[("Block", "Context"), ("Method", "Class"), ("Table", "Page"), ("Unit", "Shape"), ("Stack", "Suspension")],
        *[("Handler", "Signal"), ("Binding", "Block"), ("Scheduled", "Suspensions"), ("Array", "Inspector")],
        *[("Step", "View"), ("Patch", "Forward"), ("Held", "Breakpoint"), ("Version", "Home"), ("Class", "Array")],
    ],
)
def test_two_kinds_that_were_exchanged_are_refused_with_their_line(one: str, other: str) -> None:
    mutant = Mutant(Random(1))
    places = mutant.places_of(one)[-1], mutant.places_of(other)[-1]
    mutant.exchange(*places)
    with pytest.raises(SessionFileError) as caught:
        read(mutant.data())
    assert PLACE.match(str(caught.value))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(38, 53, id="an empty one of class variables and that of a workspace"),
        pytest.param(21, 4, id="class variables and globals"),
        pytest.param(19, 20, id="methods and class-side methods"),
        pytest.param(19, 36, id="methods of two classes"),
    ],
)
def test_two_tables_that_were_exchanged_are_refused_with_their_line(one: int, other: int) -> None:
    mutant = Mutant(Random(1))
    mutant.exchange(*[mutant.place_of(oid) for oid in (one, other)])
    with pytest.raises(SessionFileError) as caught:
        read(mutant.data())
    assert PLACE.match(str(caught.value))


#: Object -> what is put in place of a piece of its line, and the reason it is refused for.
FORGERIES = [
    (16, "#name:'Counter',#key:'Counter'", "#name:'Array',#key:'Array'", "shape of the object|of the kernel"),
    (
        34,
        "#name:'\\w+',#key:'\\w+'",
        "#name:'Array',#key:'Array'",
        "Array has the name of a class or global of the kernel",
    ),
    (34, "#name:'\\w+',#key:'\\w+'", "#name:'Smalltalk',#key:'Smalltalk'", "class or global of the kernel"),
    (34, "#name:'\\w+',#key:'\\w+'", "#name:'../x',#key:'../x'", "'../x' does not name a class"),
    (34, "#name:'\\w+',#key:'\\w+'", "#name:'',#key:''", "a class that is found by its name has none"),
    (34, "#name:'\\w+'", "#name:'Counter'", "two elements of #classes are called Counter"),
    (16, "#key:'Counter'", "#key:'Object'", "'Object' is nothing that code can call the class Counter by"),
    (16, r"#variables:\{#names:\[#n\]\}", "#variables:{#names:[#self]}", "'self' cannot name a variable of Counter"),
    (16, r"#variables:\{#names:\[#n\]\}", "#variables:{#names:[#n,#n]}", "Counter has the variable 'n' twice"),
    (23, "'Total'", "'self'", "'self' cannot name a variable of Counter"),
    (23, "'Total'", "''", "'' cannot name a variable"),
    (56, "'k'", "'c'", "two elements of #workspaces are called c"),
    (25, "#source:'bump", "#source:'bump ((", "the source of the method bump is none"),
    (25, "#source:'bump", "#source:'bomp", "the method bump has the source of bomp"),
    (25, "#selector:'bump'", "#selector:'bump:'", "the method bump: has the source of bump"),
    (44, "#selector:'greet'", "#selector:'greet:'", "the method greet: has the source of greet"),
    (25, r"#class:\[16\]", "#class:[34]", "stands among the methods of another class than its own"),
    (28, r"#class:\{#class:\[\[16\]\]\}", "#class:[16]", "stands among the methods of another class than its own"),
    (112, "#class:{#kernel:#.*?}", "#class:{#class:[[16]]}", "only classes of the kernel have a Patch"),
    (67, "#class:#ByteArray", "#class:#ByteString", "the bytes are those of no text"),
    (72, "#class:#Set", "#class:#Dictionary", "is a dictionary, and has the elements of a set"),
    (185, "#value:{.*}}}", "#value:[196,#Array]}}", "object 196 is referred to as what it never was"),
    (19, r"#pages:\[\[24\]\]", "#pages:[[24],[24]]", "object 24 belongs to two tables"),
    (24, r"#elements:\[", "#elements:[" + "[25]," * 16, "a page has at most 16 elements"),
]


@pytest.mark.parametrize(("oid", "pattern", "replacement", "reason"), FORGERIES)
def test_what_no_session_can_have_is_refused_with_its_line(
    oid: int, pattern: str, replacement: str, reason: str
) -> None:
    mutant = Mutant(Random(1))
    mutant.edit(oid, pattern, replacement)
    with pytest.raises(SessionFileError, match=reason) as caught:
        read(mutant.data())
    assert PLACE.match(str(caught.value))


@pytest.mark.parametrize("seed", range(24))
def test_a_changed_file_is_refused_with_its_line_or_makes_a_session_that_answers_everything(seed: int) -> None:
    mutant = Mutant(Random(seed))
    mutant.change()
    reason = ""
    try:
        contents = read(mutant.data())
    except SessionFileError as refused:
        reason = str(refused)
    if reason:
        assert PLACE.match(reason)
    else:
        Session(contents).ask_everything()
