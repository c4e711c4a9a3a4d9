"""Selectors that other languages teach, and what they are called here."""

from typing import Final

#: Advice for operators that store, whoever receives them.
_STORING: Final = "write 'x := x {0} y': assignment is no message"

#: Selector that nobody understands -> advice, whoever receives it.
ADVICE: Final = {
    **{f"{operator}=": _STORING.format(operator) for operator in ("+", "-", "*", "/", "//", "|", "&")},
    "!=": "did you mean ~=?",
    "===": "did you mean == (the same object) or =?",
    "!==": "did you mean ~~?",
    "&&": "write 'a and: [ b ]'",
    "||": "write 'a or: [ b ]'",
    "and": "write 'a and: [ b ]'",
    "or": "write 'a or: [ b ]'",
    "<<=": "write 'x := x << y': assignment is no message",
    ">>=": "write 'x := x >> y': assignment is no message",
}

#: Selector that nobody understands -> what it may be called here; proposed to who understands that.
SYNONYMS: Final = {
    "append:": "add:",
    "charAt:": "at:",
    "clear": "removeAll",
    "concat:": ",",
    "contains": "includes:",
    "count": "size",
    "delete:": "remove:",
    "each:": "do:",
    "extend:": "addAll:",
    "filter:": "select:",
    "find:": "detect:",
    "fold:": "inject:into:",
    "forEach:": "do:",
    "get:": "at:",
    "has:": "includes:",
    "hasKey:": "includesKey:",
    "indexOf": "indexOf:",
    "len": "size",
    "length": "size",
    "lower": "asLowercase",
    "map:": "collect:",
    "pop": "removeLast",
    "prepend:": "addFirst:",
    "push:": "addLast:",
    "put:": "at:put:",
    "reverse": "reversed",
    "set:": "at:put:",
    "shift": "removeFirst",
    "slice:": "copyFrom:to:",
    "split": "substrings",
    "strip": "trimBoth",
    "substring:": "copyFrom:to:",
    "toInt": "asInteger",
    "toLowerCase": "asLowercase",
    "toNumber": "asNumber",
    "toString": "asString",
    "toUpperCase": "asUppercase",
    "trim": "trimBoth",
    "upper": "asUppercase",
}
