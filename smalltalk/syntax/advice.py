"""What to do about a fault in a source: a sentence for each of Pharo's messages, a better one for foreign habits.

The messages are those that tools compare; what they mean for somebody who wrote `return 3`, `x.size()` or
`ifFalse [2]` is guessed here from the text around the fault.
"""

from __future__ import annotations

import re
from typing import Final

#: Message (or its beginning) -> what to do, for whoever is not guessed to come from another language.
_ADVICE: Final = (
    ("Variable or expression expected", "write a variable, a literal or an expression in parentheses here"),
    ("End of statement expected", "put a '.' between two statements, or a message name before an argument"),
    ("Cascade message expected", "write a message after the ';' or remove it"),
    ("Message expected", "a cascade ';' continues a message: send one, without parentheses around it, before the ';'"),
    ("Message pattern expected", "begin the method with its name, for example 'size' or 'at: index'"),
    ("Missing opener", "remove this closing bracket or open it before"),
    ("variable expected in assigment", "write the name of a variable on the left of ':='"),
    ("Variable name expected", "write the name of a variable: letters, digits and '_', not beginning with a digit"),
    ("'|' or parameter expected", "end the block's parameters with '|'"),
    ("Unexpected block parameter", "parameters stand only at the beginning of a block: [ :each | ... ]"),
    ("8-bit integer expected", "a byte array holds only integers from 0 to 255"),
    ("Literal constant expected", "a pragma takes only literals: numbers, strings, symbols, literal arrays"),
    ("Literal expected", "write a symbol, a string, '(' or '[' directly after the '#'"),
    ("Character expected", "write a character directly after the '$'"),
    ("Unmatched '", "close the string with a quote; a quote inside a string is written twice"),
    ('Unmatched "', "close the comment with a double quote"),
    ("Unknown character", "remove this character, or put it into a string"),
    ("Nested too deeply", "name parts of the expression with temporaries, or move them to methods"),
    ("an integer greater than 1", "a radix is between 2 and 36, as in 16rFF"),
    ("Unexpected token", "remove it"),
    ("Class, Trait,", "begin a section like Class { #name : #Foo }, or a method like Foo >> bar [ ... ]"),
    ("'>>', the", "write a method like Foo >> bar [ ... ]"),
    ("#name :", "give the section a name, like #name : #Foo"),
    ("a key like", "write properties like { #key : value, ... }"),
    ("':' expected", "write properties like { #key : value, ... }"),
    ("'{' expected", "write properties like { #key : value, ... }"),
    ("a string, symbol", "write properties like { #key : value, ... }"),
    ("A source of at most", "divide it into methods, or into several evaluations"),
    ("a number of at most", "shorten this number, or compute it"),
    ("Exponent is larger", "shorten this number, or compute it"),
    ("Scale is larger", "shorten this number, or compute it"),
    ("a digit between", "write digits of the radix after the 'r'"),
    ("an integer not greater", "a radix is between 2 and 36, as in 16rFF"),
)  # fmt: skip

_A_CHOICE: Final = "a choice is a message: condition ifTrue: [ ... ] ifFalse: [ ... ]"

#: First word of a statement that cannot be read -> how the thing is said here.
_FOREIGN_WORDS: Final = {
    "return": "write '^ value' to answer a value",
    **dict.fromkeys(("if", "else", "elif", "switch", "case", "unless"), _A_CHOICE),
    **dict.fromkeys(
        ("for", "foreach"), "a loop is a message: 1 to: 10 do: [ :i | ... ] or collection do: [ :each | ... ]"
    ),
    **dict.fromkeys(("while", "until"), "a loop is a message: [ condition ] whileTrue: [ ... ]"),
    **dict.fromkeys(
        ("var", "let", "const"),
        "temporaries are declared between bars, | x |, at the beginning; those of the workspace need no declaration",
    ),
    **dict.fromkeys(
        ("def", "function", "func", "fn", "lambda"),
        "a function without a name is a block, [ :x | ... ]; methods belong to classes: Foo compile: 'bar: x ^ x'",
    ),
    "class": "a class is defined by a message: Object subclass: #Foo",
    **dict.fromkeys(("try", "catch", "except"), "errors are handled by a message: [ ... ] on: Error do: [ :e | ... ]"),
    **dict.fromkeys(("throw", "raise"), "errors are signalled by a message: Error signal: 'text'"),
    **dict.fromkeys(("print", "echo", "puts"), "printing is a message: Transcript show: 'text'; cr"),
    **dict.fromkeys(("import", "require", "include"), "all classes are at hand by their names"),
    "new": "an object is made by a message to its class: Foo new",
    "not": "negation is a message: condition not",
}

#: Undeclared name -> how it is said here.
_FOREIGN_NAMES: Final = {
    **dict.fromkeys(("None", "null", "Null", "NULL", "undefined", "nullptr"), "nothing is written nil"),
    **dict.fromkeys(("this", "This", "Self"), "the receiver is written self"),
    **dict.fromkeys(("TRUE", "FALSE"), "write true or false"),
}

#: Literals that are no variables, hence never assigned to.
_CONSTANTS: Final = frozenset({"nil", "true", "false"})

#: The word that a statement begins with, unless what follows shows that it is a variable's name.
_FIRST_WORD: Final = r"\s*+([A-Za-z]\w*+)(?=\s*+(?:-?[\w'\"(\[{$#!]|\Z))"
#: The word that a message is sent to with which a statement begins, before the message.
_ADDRESSED_WORD: Final = r"(?:\A|[.|\[\n^])\s*+([A-Za-z]\w*+)\s++\Z"

#: Characters before a fault that are looked at: a word and what separates it.
_BEFORE_MAX: Final = 200
#: The word or the operator, assignment or keyword before a fault. Patterns are compiled when a fault asks for them.
_LAST_WORD: Final = r"(\w++)\s*+\Z"
_LAST_KEYWORD: Final = r"(\w++:|:=|[-+*/\\<>=~,@%&?!]++)\s*+\Z"

#: The beginning of a statement that answers a value or gives a variable one.
_BEGUN: Final = r"\s*+(?:\^|[A-Za-z]\w*+\s*+:=)"
#: The end of what has elements, and an index in brackets right behind it.
_INDEXED: Final = r"[\w)\]]\Z"
_INDEX: Final = r"\[\s*+[-\w'#]++\s*+\]"
#: A comment where an operand should stand.
_COMMENTED: Final = r"(?::=|\w:|[-+*/,=<>~@%&(\[{^])\s*+\"[^\"]*+\"\s*+\Z"

_AN_ASSIGNMENT: Final = "assignment is written ':=' in one piece; a keyword has no space before its ':'"

#: The first character of what an argument may begin with.
_OPERAND: Final = r"[\w'$#(\[{]"


def advice_on(message: str, source: str, start: int, position: int) -> str:
    """Say what to do about a fault.

    Args:
        message: Pharo's text.
        source: The whole text.
        start: Offset of the faulty piece.
        position: Offset where the fault was noticed.
    """
    before = source[max(start, position - _BEFORE_MAX) : position]
    guess = None
    if message == "End of statement expected":
        guess = advice_on_beginning(source, start) or _at_an_end(before, source[position : position + _BEFORE_MAX])
    elif message == "Variable or expression expected":
        before = source[max(0, position - _BEFORE_MAX) : position]
        guess = advice_on_beginning(source, start) or _at_an_operand(before, source[position : position + 1])
    elif message in ("Cascade message expected", "Message expected"):
        guess = _at_a_cascade(source, position)
    elif message == "Unknown character" and source[position] in "\u2018\u2019\u201c\u201d":
        guess = "write a string between straight quotes: 'text'"
    return guess or next((text for known, text in _ADVICE if message.startswith(known)), "correct it")


def advice_on_beginning(source: str, start: int) -> str | None:
    """Say what to do where a statement begins as in another language, None for all others."""
    word = re.compile(_FIRST_WORD).match(source, start)
    return _meaning(word[1], source, start) if word else None


def advice_on_name(name: str) -> str | None:
    """Say how an undeclared name that means something in other languages is said here; None for all others."""
    return _FOREIGN_NAMES.get(name)


def advice_on_declaring(name: str) -> str:
    """Say what may have been meant by a name that nothing declares and no known name is like."""
    if name[0].isupper():
        return f"a class that is to be new is named by a symbol: Object subclass: #{name}"
    return f"declare it at the beginning, | {name} |, or as a variable of the class"


def advice_on_receiver(source: str, position: int) -> str | None:
    """Say what to do where a statement begins like one of another language and is read as a message to its first word.

    Args:
        source: The whole text.
        position: Offset of the message that was sent to a variable without a value.
    """
    word = re.search(_ADDRESSED_WORD, source[max(0, position - _BEFORE_MAX) : position])
    return _meaning(word[1], source, position) if word else None


def _meaning(word: str, source: str, stop: int) -> str | None:
    """What a word of another language is here; None for a variable, that is where the text before gave it a value."""
    is_variable = word in _FOREIGN_WORDS and re.search(rf"\b{word}\s*+:=", source[:stop])
    return None if is_variable else _FOREIGN_WORDS.get(word)


def _at_an_end(before: str, rest: str) -> str | None:
    """What to do where a statement should end, but `rest` follows."""
    found = re.search(_LAST_WORD, before)
    word = found[1] if found else ""
    if rest.startswith(":="):
        is_name = word and word not in _CONSTANTS and not word[0].isdigit()
        return f"put a '.' before '{word}'" if is_name else "only a variable can be assigned to"
    if rest.startswith(":"):
        return _A_CHOICE if "?" in before else _AN_ASSIGNMENT
    if rest.startswith("^"):
        return "put a '.' before '^', which answers a value; a power is a message: 2 raisedTo: 3"
    if re.search(_INDEXED, before) and re.match(_INDEX, rest):
        return "elements are read and written by messages: list at: 1, list at: 1 put: 'x'"
    if not word or word[0].isdigit() or not re.match(_OPERAND, rest):
        return None
    if rest.startswith("("):
        return f"a message is sent without parentheses: 'receiver {word}', or 'receiver {word}: argument'"
    return f"write '{word}:' if it takes an argument, or put a '.' between two statements"


def _at_an_operand(before: str, character: str) -> str | None:
    """What to do where an operand is missing, after `before` and at `character`."""
    if re.search(_COMMENTED, before):
        return "a string stands between single quotes, 'text'; double quotes make a comment"
    if character == "!":
        return "negation is a message: 'condition not'"
    if character == ":" and before.endswith("="):
        return "assignment is written ':='"
    found = re.search(_LAST_KEYWORD, before)
    if not found:
        return None
    if found[1] in ("++", "--"):
        return f"write 'x := x {found[1][0]} 1'"
    return f"write what '{found[1]}' takes here: a variable, a literal or an expression in parentheses"


def _at_a_cascade(source: str, position: int) -> str | None:
    """What to do after a `;` that no message follows: before a line's end or an assignment, a full stop."""
    stop = source.rfind(";", 0, position + 1) + 1
    gap = source[stop:].partition("\n")[0]
    is_new = not gap.strip() or re.match(_BEGUN, gap)
    return "a statement ends with '.'; a ';' sends one more message to the same receiver" if is_new else None
