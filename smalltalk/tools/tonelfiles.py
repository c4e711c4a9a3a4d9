"""Tonel files as definitions: `syntax.tonel` reads their form, this file says what it means, and writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime.definitiontexts import quoted
from ..syntax.parser import parse_method
from ..syntax.tonel import read_tonel
from .chunks import trimmed
from .filed import FiledClass, FiledMethod, Refused
from .ordering import needed_first

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..syntax.tonel import Section
    from .filed import Filed

#: Payload kinds by the words for a class's layout; other words mean that of the superclass.
_KINDS: Final = {
    "variable": "items",
    "VariableLayout": "items",
    "weak": "items",
    "WeakLayout": "items",
    "words": "items",
    "WordLayout": "items",
    "DoubleByteLayout": "items",
    "DoubleWordLayout": "items",
    "bytes": "bytes",
    "ByteLayout": "bytes",
}
_LAYOUTS: Final = {"items": "variable", "bytes": "bytes"}


def read_definitions(text: str) -> list[Filed]:
    """Read a Tonel file: its classes, those that others need first, then all methods in the order of the file.

    Raises:
        SyntaxFailure: The text is not Tonel.
    """
    sections = read_tonel(text)
    heads = [_class_of(section) for section in sections if section.kind in {"Class", "Trait"}]
    methods = [
        FiledMethod(section.name, each.is_class_side, each.source, each.category, each.line, each.column, each.gap)
        for section in sections
        for each in section.methods
    ]
    return [*needed_first(heads, lambda head: head.name, _needs), *methods]


def _needs(head: FiledClass | Refused) -> frozenset[str]:
    """The names of the classes that must be there before one."""
    return head.needs if isinstance(head, FiledClass) else frozenset()


def _class_of(section: Section) -> FiledClass | Refused:
    """The class or trait of a section."""
    properties: dict[str, Any] = section.properties
    superclass = None if section.kind == "Trait" else properties.get("superclass")
    names = [properties.get(key, []) for key in ("instVars", "classVars", "classInstVars", "pools")]
    uses = [properties.get(key, "") for key in ("traits", "classTraits")]
    if section.kind == "Class" and not isinstance(superclass, str):
        return Refused(section.name, "#superclass expected", section.line)
    if not all(_are_texts(each) for each in names) or not _are_texts(uses):
        return Refused(section.name, "lists of names, and traits as a string, expected", section.line)
    own, shared, side, pools = (tuple(each) for each in names)
    layout = properties.get("type", properties.get("layout"))
    kind = _KINDS.get(layout) if isinstance(layout, str) else None
    return FiledClass(
        section.name,
        superclass,
        own,
        shared,
        side,
        _category(properties),
        section.comment or "",
        kind,
        section.line,
        pools,
        uses[0],
        uses[1] or None,
    )


def _category(properties: dict[str, Any]) -> str:
    """The package of a class, with its tag."""
    package, tag = properties.get("package"), properties.get("tag")
    if isinstance(package, str) and isinstance(tag, str):
        return f"{package}-{tag}"
    named = properties.get("category", package)
    return named if isinstance(named, str) else "Unclassified"


def _are_texts(value: Any) -> bool:
    """Whether it is a list of texts."""
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def write_tonel(definitions: Iterable[Filed], poll: Callable[[], None]) -> str:
    """Write a Tonel file of several sections.

    Args:
        definitions: Classes and methods; those of a class need not stand together.
        poll: Called before each method, because each is parsed.
    """
    texts: dict[str, list[str]] = {}
    for filed in definitions:
        if isinstance(filed, FiledClass):
            texts[filed.name] = [_class_text(filed)]
        elif isinstance(filed, FiledMethod):
            poll()
            extension = f"Extension {{\n\t#name : {quoted(filed.class_name)}\n}}\n"
            texts.setdefault(filed.class_name, [extension]).append(_method_text(filed))
    return "\n".join(text for group in texts.values() for text in group)


def _class_text(filed: FiledClass) -> str:
    """The section of a class."""
    lists = {
        "instVars": filed.instance_variables,
        "classVars": filed.class_variables,
        "classInstVars": filed.class_side_variables,
        "pools": filed.pools,
    }
    properties = [f"\t#name : {quoted(filed.name)}"]
    if filed.superclass is not None:
        properties.append(f"\t#superclass : {quoted(filed.superclass)}")
    if filed.kind is not None:
        properties.append(f"\t#type : {quoted(_LAYOUTS[filed.kind])}")
    if filed.uses not in ("", "{}"):
        properties.append(f"\t#traits : {quoted(filed.uses)}")
    if filed.class_uses is not None:
        properties.append(f"\t#classTraits : {quoted(filed.class_uses)}")
    for key, names in lists.items():
        if names:
            properties.append(f"\t#{key} : [ {', '.join(quoted(name) for name in names)} ]")
    properties.append(f"\t#category : {quoted(filed.category)}")
    doubled = filed.comment.replace('"', '""')
    comment = f'"{doubled}"\n\n' if filed.comment else ""
    kind = "Trait" if filed.superclass is None else "Class"
    return comment + f"{kind} {{\n" + ",\n".join(properties) + "\n}\n"


def _method_text(filed: FiledMethod) -> str:
    """A method with its protocol."""
    pattern, body = _split(filed.source)
    head = f"{{ #category : {quoted(filed.category)} }}\n" if filed.category else ""
    return f"{head}{filed.holder} >> {pattern} [{body}\n]\n"


def _split(source: str) -> tuple[str, str]:
    """The pattern of a method and what follows it."""
    tree = parse_method(source)
    last = tree.parameters[-1].stop if tree.parameters else tree.start + len(tree.selector)
    pattern, body = source[:last].strip(), trimmed(source[last:])
    if "[" in pattern:  # in a comment: readers take a bracket for the method's own
        names = [each.name for each in tree.parameters]
        keywords = tree.selector.split(":") if ":" in tree.selector else [tree.selector]
        colon = ":" if ":" in tree.selector else ""
        pattern = " ".join(f"{keyword}{colon} {name}" for keyword, name in zip(keywords, names, strict=False))
        pattern = pattern or tree.selector
    return pattern, body
