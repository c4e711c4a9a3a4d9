"""Short ways of sends: what generated code does in place where that is all that the method would do.

Two kinds, both exact:

- Messages to instances of some classes of the kernel. The way is taken when the receiver's Python type is that of a
  *shortcut name* `T_<Class>__<m>`, which a world binds to the class's type for as long as the class understands every
  message in `Way.depends` with the kernel's methods, and to None otherwise.
- Messages that classes of the session understand. Their Python types carry the functions as attributes `m_<m>`, so that
  a send is a call of a Python method; instance variables that a method only reads or stores are attributes `a_<m>` and
  `w_<m>`. See `runtime.attributes`. A receiver without the attribute is a wrong guess.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from . import ir
from .mangle import demangle, mangle

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Prefixes of attributes: a method's function, an instance variable that is read, one that is stored.
METHOD: Final = "m_"
READER: Final = "a_"
WRITER: Final = "w_"

#: Global names in the texts of ways.
_ENVIRONMENT: Final = re.compile(r"\b[PCT]_\w+")

_READS: Final = re.compile(r'\s*([A-Za-z]\w*)\s*(?:"[^"]*"\s*)*\^\s*([A-Za-z]\w*)\s*\.?\s*', re.ASCII)
_WRITES: Final = re.compile(
    r'\s*([A-Za-z]\w*:)\s*([A-Za-z]\w*)\s*(?:"[^"]*"\s*)*([A-Za-z]\w*)\s*:=\s*\2\s*\.?\s*', re.ASCII
)


class Way(NamedTuple):
    """A short way of a message to direct instances of some classes.

    In the texts `{0}` stands for the receiver, `{1}` and `{2}` for the arguments, `{key}` for the first argument as a
    Python key: an integer, or a symbol written in place. `{value}` picks the value out of a dictionary's entry under
    that key, `{entry}` is the entry with the second argument as value, see `runtime/entries.py`.

    Attributes:
        classes: whose direct instances take it.
        depends: the messages that must mean what they do in the kernel.
        value: what is answered.
        condition: a further Python condition, empty for none.
        effect: a statement that changes the receiver, empty for a way that changes nothing.
        primitive: the primitive that the first of those messages must be, empty if `value` does not call it.
        test: a Python condition in the place of a value that is true or false.
    """

    classes: tuple[str, ...]
    depends: tuple[str, ...]
    value: str
    condition: str = ""
    effect: str = ""
    primitive: str = ""
    test: str = ""

    @property
    def environment(self) -> tuple[str, ...]:
        """Global names that it uses: primitives, characters, types of arguments."""
        return tuple(_ENVIRONMENT.findall(f"{self.value} {self.condition}"))


def _primitive(class_name: str, selector: str, primitive: str) -> Way:
    """A call of the primitive that the method is: it spares the way through the dispatch table."""
    operands = ",".join(f"{{{place}}}" for place in range(selector.count(":") + 1))
    return Way((class_name,), (selector,), f"{PRIMITIVE}{primitive}({operands})", primitive=primitive)


#: Prefix of the global names of primitives.
PRIMITIVE: Final = "P_"

_LISTS: Final = ("Array", "OrderedCollection")
_GROWING: Final = ("OrderedCollection",)
_TEXT: Final = ("ByteString",)
_TABLE: Final = ("Dictionary",)
_INTEGER: Final = ("SmallInteger",)
#: The condition of ways that take a position.
POSITIVE: Final = "{1}>0"
_BOTH_INTEGERS: Final = "type({1}) is int"
#: The condition of ways that take a key which stands under its text: a String or Symbol. `word` is both's text.
TEXT_KEY: Final = "((p:=type({1})) is T_ByteString__hash or p is T_ByteSymbol__hash)"
_WORD_ENTRY: Final = "{0}.map[{1}.word]=[{1} if {1}.word not in {0}.map else {0}.map[{1}.word][0],{2}]"
#: The entry under a symbol; a key that is there stays: it may be an equal string.
_SYMBOL_ENTRY: Final = "[{1} if {key} not in {0}.map else {0}.map[{key}][0],{2}]"

#: Two strings that are joined are small: the method looks at the limit of longer ones.
_SHORT_TEXTS: Final = "type({1}) is type({0}) and len({0}.text)<65536 and len({1}.text)<65536"
#: Conditions that hold for no number.
_OF_TEXTS: Final = (TEXT_KEY, _SHORT_TEXTS)

#: Selector -> its short ways, the most usual first. They are few and short: where the code of a loop is longer than 255
#: instructions, CPython's comparisons in it are slower by more than a way saves.
WAYS: Final[dict[str, tuple[Way, ...]]] = {
    "at:": (
        Way(_LISTS, ("at:",), "{0}.items[{1}-1]", POSITIVE),
        Way(_TEXT, ("at:",), "CHARS[{0}.text[{1}-1]]", POSITIVE),
        Way(_TABLE, ("at:",), "{0}.map[{key}]{value}"),
        Way(_TABLE, ("at:",), "{0}.map[{1}.word][1]", TEXT_KEY),
    ),
    "at:put:": (
        Way(_LISTS, ("at:put:",), "{2}", POSITIVE, "{0}.items[{1}-1]={2}"),
        Way(_TABLE, ("at:put:",), "{2}", "", "{0}.map[{key}]={entry}"),
        Way(_TABLE, ("at:put:",), "{2}", TEXT_KEY, _WORD_ENTRY),
    ),
    "at:ifAbsent:": (_primitive("Dictionary", "at:ifAbsent:", "dictionaryAtIfAbsent"),),
    "asArray": (Way(("Set",), ("asArray", "do:"), "P_mapElements({0})"),),
    "includesKey:": (
        Way(_TABLE, ("includesKey:",), "(TRUE if {key} in {0}.map else FALSE)"),
        Way(_TABLE, ("includesKey:",), "(TRUE if {1}.word in {0}.map else FALSE)", TEXT_KEY),
    ),
    "includes:": (_primitive("Set", "includes:", "setIncludes"),),
    "size": (Way(_LISTS, ("size",), "len({0}.items)"), Way(_TEXT, ("size",), "len({0}.text)")),
    "isEmpty": (Way(_LISTS, ("isEmpty", "size"), "(FALSE if {0}.items else TRUE)", test="not {0}.items"),),
    "notEmpty": (Way(_LISTS, ("notEmpty", "isEmpty", "size"), "(TRUE if {0}.items else FALSE)", test="{0}.items"),),
    "first": (Way(_LISTS, ("first", "at:", "size"), "{0}.items[0]"),),
    "last": (Way(_LISTS, ("last", "at:", "size"), "{0}.items[-1]"),),
    "add:": (
        Way(_GROWING, ("add:",), "{1}", "", "{0}.items.append({1})"),
        _primitive("Set", "add:", "setAdd"),
    ),
    "addLast:": (Way(_GROWING, ("addLast:",), "{1}", "", "{0}.items.append({1})"),),
    "removeFirst": (Way(_GROWING, ("removeFirst",), "p", "", "p={0}.items.pop(0)"),),
    "removeLast": (Way(_GROWING, ("removeLast",), "p", "", "p={0}.items.pop()"),),
    "copyFrom:to:": (
        Way(_LISTS, ("copyFrom:to:",), "type({0}).make({0}.items[{1}-1:{2}])", "0<{1}<={2}<=len({0}.items)"),
        Way(_TEXT, ("copyFrom:to:",), "type({0}).make({0}.text[{1}-1:{2}])", "0<{1}<={2}<=len({0}.text)"),
    ),
    ",": (Way(_TEXT, (",",), "type({0}).make({0}.text+{1}.text)", _SHORT_TEXTS),),
    "next": (_primitive("ReadStream", "next", "streamNext"),),
    "peek": (_primitive("ReadStream", "peek", "streamPeek"),),
    "atEnd": (_primitive("ReadStream", "atEnd", "streamAtEnd"),),
    "nextPut:": (_primitive("WriteStream", "nextPut:", "streamWrite"),),
    "space": (Way(("WriteStream",), ("space", "nextPut:"), "P_streamWriteText({0},' ')"),),
    "tab": (Way(("WriteStream",), ("tab", "nextPut:"), "P_streamWriteText({0},'\\t')"),),
    "cr": (Way(("WriteStream",), ("cr", "nextPut:"), "P_streamWriteText({0},'\\r')"),),
    "nextPutAll:": (_primitive("WriteStream", "nextPutAll:", "streamWriteAll"),),
    "printString": (Way(_INTEGER, ("printString",), "Text(f'{{{0}}}')", "-1e15<{0}<1e15"),),
    "not": (Way(("True", "False"), ("not",), "(FALSE if {0} is TRUE else TRUE)"),),
    "abs": (Way(_INTEGER, ("abs",), "({0} if {0}>=0 else -{0})"),),
    "bitAnd:": (Way(_INTEGER, ("bitAnd:",), "{0}&{1}", _BOTH_INTEGERS),),
    "bitOr:": (Way(_INTEGER, ("bitOr:",), "{0}|{1}", _BOTH_INTEGERS),),
    "bitXor:": (Way(_INTEGER, ("bitXor:",), "{0}^{1}", _BOTH_INTEGERS),),
    "max:": (Way(_INTEGER, ("max:",), "({0} if {0}>{1} else {1})", _BOTH_INTEGERS),),
    "min:": (Way(_INTEGER, ("min:",), "({0} if {0}<{1} else {1})", _BOTH_INTEGERS),),
    "sqrt": (_primitive("SmallFloat64", "sqrt", "floatSqrt"),),
}

#: Names of ways that only `writes` takes: what is written is a text, or a number whose digits are.
TEXT_WRITTEN: Final = "nextPutAll: text"
DIGITS_WRITTEN: Final = "nextPutAll: digits"

#: Name -> way.
WRITES: Final = {
    TEXT_WRITTEN: Way(("WriteStream",), ("nextPutAll:",), "P_streamWriteText({0},{1})"),
    DIGITS_WRITTEN: Way(("WriteStream",), ("nextPutAll:",), "P_streamWriteText({0},f'{{{1}}}')"),
}

#: Which of the ways of `at:` is that of dictionaries.
TABLE_PLACE: Final = next(place for place, way in enumerate(WAYS["at:"]) if way.classes == _TABLE)

#: Messages whose short way the generator knows: equality with a character written in place.
CHARACTER_EQUALITY: Final = Way(("Character",), ("=", "~="), "")

#: Messages whose answer is tested without an object for it.
CONDITIONS: Final = frozenset(
    (*CHARACTER_EQUALITY.depends, *(selector for selector, ways in WAYS.items() if ways[0].test))
)

#: Classes that share short ways -> the attribute by which direct instances of theirs, and nothing else, have `items`.
ALIASES: Final = {_LISTS: "elements", _GROWING: "growing"}

#: The attribute of strings and symbols that is their text.
WORD: Final = "word"

#: Messages whose first guess is such an attribute: their first way, if it looks at the receiver's elements only.
ALIASED: Final = {
    selector: ways[0]
    for selector, ways in WAYS.items()
    if ways[0].classes in ALIASES and "{0}" not in ways[0].condition
}

#: Prefix of the global names that say whether that guess is allowed.
ALLOWED: Final = "X_"

#: What walks by position: a loop over positions is its short way, see `enumeration`.
ENUMERATION: Final = Way(_LISTS, ("do:", "at:", "size"), "")


#: The classes whose instances stand under their text as keys.
TEXT_HASH: Final = Way(("ByteString", "ByteSymbol"), ("hash",), "")

#: What looks a key up and stores where it finds none: tests are its short way, see `lookup`.
STORING_LOOKUP: Final = Way(_TABLE, ("at:ifAbsentPut:", "at:ifAbsent:"), "")


class Attributes(Protocol):
    """What a session's own classes understand, as far as the names of attributes are concerned."""

    def has_method(self, selector: str) -> bool:
        """Whether some class of the session has such a method."""

    def has_reader(self, selector: str) -> bool:
        """Whether all such methods of the session's classes only answer an instance variable."""

    def has_writer(self, selector: str) -> bool:
        """Whether all such methods of the session's classes only store their argument."""


def short_name(class_name: str, selector: str) -> str:
    """Global name of the type that takes the short way of a selector."""
    return f"T_{class_name}__{mangle(selector)}"


def allowed_name(selector: str) -> str:
    """Global name of whether the message means in all classes of its first way what it does in the kernel."""
    return f"{ALLOWED}{mangle(selector)}"


def ways_of(selector: str) -> tuple[Way, ...]:
    """All short ways of a message, those that the generator writes by itself included."""
    if selector == "do:":
        return (ENUMERATION,)
    if selector == "at:ifAbsentPut:":
        return (STORING_LOOKUP,)
    return (TEXT_HASH,) if selector == "hash" else WAYS.get(selector, (CHARACTER_EQUALITY,))


class Taken(NamedTuple):
    """A short way with its operands in place.

    Attributes:
        types: shortcut names of the types that take it.
        environment: global names that it uses: primitives and characters.
        condition: a further Python condition, empty for none.
        effect: a statement, or empty.
        value: an expression.
    """

    types: tuple[str, ...]
    environment: tuple[str, ...]
    condition: str
    effect: str
    value: str


def ways_for(
    selector: str, operands: Sequence[ir.Operand], texts: Sequence[str], *, is_own: bool = False
) -> list[Taken]:
    """The short ways of a message to those operands, the receiver first.

    A constant has none, as a receiver or where a number is expected: Python would warn of it. Nor have calls of
    primitives one where classes of the session understand the message (`is_own`): those come first there.
    """
    if isinstance(operands[0], ir.Constant):
        return []
    taken = []
    for way in WAYS.get(selector, ()):
        if way.primitive and is_own:
            continue
        condition, key, effect, value = _keyed(way, operands, texts)
        if way.condition in (POSITIVE, TEXT_KEY) and is_name(operands[1]):
            continue
        if "{1}" in condition and isinstance(operands[1], ir.Constant):
            if type(operands[1].value) is not int or operands[1].value <= 0 or condition in _OF_TEXTS:
                continue
            condition = "" if condition in (POSITIVE, _BOTH_INTEGERS) else condition
        types = tuple(short_name(each, selector) for each in way.classes)
        parts = (part.format(*texts, key=key) for part in (condition, effect, value))
        taken.append(Taken(types, way.environment, *parts))
    return taken


def is_name(operand: ir.Operand) -> bool:
    """Whether it is a symbol, a character or a Boolean written in place: nothing that could be a position."""
    return isinstance(operand, ir.Named) and not operand.text.startswith("G_")


def proven_value(way: Way, operands: Sequence[ir.Operand], texts: Sequence[str]) -> str:
    """The value of a short way that is known to be taken."""
    condition, key, _, value = _keyed(way, operands, texts)
    if condition == _BOTH_INTEGERS:
        value = "({0}.map[{1}] if type({1}) is int else {0}.map[{1}.word][1])"
    return value.format(*texts, key=key)


def _keyed(way: Way, operands: Sequence[ir.Operand], texts: Sequence[str]) -> tuple[str, str, str, str]:
    """Condition, key, effect and value of a way for operands with those texts; a key not known is an integer."""
    if "{key}" not in way.value + way.effect:
        return way.condition, "", way.effect, way.value
    key, is_known = python_key(operands[1], texts[1])
    entry, value = ("{2}", "") if key == texts[1] else (_SYMBOL_ENTRY, "[1]")
    effect, answer = (part.replace("{entry}", entry).replace("{value}", value) for part in (way.effect, way.value))
    return way.condition if is_known else _BOTH_INTEGERS, key, effect, answer


def python_key(operand: ir.Operand, text: str) -> tuple[str, bool]:
    """The Python key of an operand, and whether it has that key for certain: else it must be an integer."""
    if isinstance(operand, ir.Named) and text.startswith("Y_"):
        return repr(demangle(text[2:])), True
    return text, isinstance(operand, ir.Constant) and type(operand.value) is int


def variable_read(source: str) -> str | None:
    """The name that a method's source only answers, None if it does anything else."""
    match = _READS.fullmatch(source)
    return match[2] if match else None


def variable_stored(source: str) -> str | None:
    """The name that a method's source only stores its argument into, None if it does anything else."""
    match = _WRITES.fullmatch(source)
    return match[3] if match and match[3] != match[2] else None
