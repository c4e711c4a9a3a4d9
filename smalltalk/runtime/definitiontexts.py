"""The expression that defines a class or trait, as browsers show it and chunk files hold it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .classes import ClassObject, Use
    from .world import World

#: The messages that define a class, by the payload kind that is not its superclass's; other kinds are inherited.
_MESSAGES: Final = defaultdict(lambda: "subclass", items="variableSubclass", bytes="variableByteSubclass")


def definition_text(world: World, holder: ClassObject) -> str:
    """The message that defines a class, one keyword a line."""
    return definition_of(
        holder.name,
        None if holder.is_trait else holder.superclass.name if holder.superclass is not None else "nil",
        kind=holder.kind,
        variables=holder.local_variables,
        class_variables=world.class_variable_names(holder),
        pools=[pool.name for pool in holder.pools],
        uses=composition_text(holder.uses),
        package=holder.category,
    )


def definition_of(
    name: str,
    superclass: str | None,
    *,
    kind: str | None,
    variables: Iterable[str],
    class_variables: Iterable[str],
    pools: Iterable[str],
    uses: str,
    package: str,
) -> str:
    """The message that defines a class; of a trait where no superclass is named.

    Args:
        name: Its name.
        superclass: Its superclass's name.
        kind: The payload kind.
        variables: Its instance variables.
        class_variables: Its class variables.
        pools: The names of its pools.
        uses: The expression for its traits, `{}` without one.
        package: Its package.
    """
    message = _MESSAGES[kind or "plain"]
    start = f"Trait named: #{name}" if superclass is None else f"{superclass} {message}: #{name}"
    parts = {"uses": uses if uses != "{}" or superclass is None else ""}
    if superclass is None:
        names = ". ".join(f"#{each}" for each in variables)
        parts["slots"] = f"{{ {names} }}" if names else ""
    else:
        parts["instanceVariableNames"] = quoted(" ".join(variables))
        parts["classVariableNames"] = quoted(" ".join(class_variables))
        shared = " ".join(pools)
        parts["poolDictionaries"] = quoted(shared) if shared else ""
    parts["package"] = quoted(package)
    return start + "".join(f"\n\t{part}: {text}" for part, text in parts.items() if text)


def composition_text(uses: Iterable[Use]) -> str:
    """The expression for the traits of a class, `{}` without one."""
    texts = [_use_text(use) for use in uses]
    if len(texts) == 1:
        return texts[0]
    return " + ".join(f"({text})" if " " in text.removesuffix(" classTrait") else text for text in texts) or "{}"


def _use_text(use: Use) -> str:
    """The expression for one trait of a class."""
    text = use.trait.name
    if use.exclusions:
        text = f"{text} - {{{'. '.join(symbol(each) for each in use.exclusions)}}}"
    if use.aliases:
        inner = f"({text})" if use.exclusions else text
        text = f"{inner} @ {{{'. '.join(f'{symbol(new)}->{symbol(old)}' for new, old in use.aliases)}}}"
    return text


def symbol(selector: str) -> str:
    """A selector as a literal."""
    return f"#{selector}"


def quoted(text: str) -> str:
    """A string literal."""
    return "'" + text.replace("'", "''") + "'"
