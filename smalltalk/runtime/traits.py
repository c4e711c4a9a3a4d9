"""Traits: methods, and instance variables, that classes take over from elsewhere.

A class is composed of traits (`Behavior.uses`). What they offer is copied into its own table of methods and compiled
there, so that `super` and variables mean what they mean in that class; the copies remember the trait (`Method.origin`).
A class's own methods win over copies, copies win over what is inherited. When a trait changes, its users are brought up
to it, and theirs, if they are traits themselves.

Two traits that offer different methods under one selector are in conflict: the user gets a method that says so, until
it has its own or excludes one. Explicit requirements (`self explicitRequirement`) yield to every other method.

Source: Ducasse, Nierstrasz, Schaerli, Wuyts, Black: Traits, a mechanism for fine-grained reuse (TOPLAS 2006).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from ..syntax.parser import parse_method
from . import dispatch
from .classes import ClassObject, Metaclass, Method, Use
from .methodtables import forget_method, put_method

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from ..syntax.nodes import Method as MethodTree
    from .classes import Behavior
    from .world import World


class Offer(NamedTuple):
    """A method that a trait offers."""

    source: str
    category: str
    origin: Behavior

    @property
    def is_required(self) -> bool:
        """Whether it only says that somebody else must have such a method."""
        return "self explicitRequirement" in self.source


def class_sides(uses: Iterable[Use]) -> tuple[Use, ...]:
    """What the class side of a class with those traits is composed of."""
    return tuple(Use(use.trait.metaclass) for use in uses if isinstance(use.trait, ClassObject))


def variables(
    uses: Iterable[Use], taken: Iterable[str], offered: Mapping[Behavior, tuple[str, ...]] = MappingProxyType({})
) -> tuple[str, ...]:
    """The instance variables that traits add to those that are there already.

    Args:
        uses: The traits.
        taken: The variables that are there already.
        offered: Those that a trait is going to have, if not its present ones.
    """
    names = dict.fromkeys(name for use in uses for name in offered.get(use.trait, use.trait.own_variables))
    present = frozenset(taken)
    return tuple(name for name in names if name not in present)


def composed(world: World, behavior: Behavior, only: Collection[str] | None = None) -> dict[str, Offer]:
    """What the traits of a class offer it, by selector; of all selectors or only of some."""
    found: dict[str, Offer] = {}
    for use in behavior.uses:
        for selector, offer in _offers(use, only):
            present = found.get(selector)
            if present is None or present.is_required:
                found[selector] = offer
            elif not offer.is_required and (present.source, present.origin) != (offer.source, offer.origin):
                found[selector] = Offer(_conflict(offer.source), "conflict", behavior)
    above = behavior.superclass
    return {
        selector: offer
        for selector, offer in found.items()
        if not (offer.is_required and dispatch.lookup(world, above, selector) is not None)
    }


def _offers(use: Use, only: Collection[str] | None) -> Iterator[tuple[str, Offer]]:
    """What one trait offers, with its aliases and without what is excluded."""
    methods = use.trait.methods
    for alias, selector in use.aliases:
        if selector in methods and (only is None or alias in only):
            offer = _offer(methods[selector])
            yield alias, offer._replace(source=renamed(offer.source, alias))
    for selector in methods if only is None else only:
        if selector in methods and selector not in use.exclusions:
            yield selector, _offer(methods[selector])


def _offer(method: Method) -> Offer:
    """What a method of a trait is to its users."""
    return Offer(method.source, method.category, method.origin or method.owner)


def renamed(source: str, selector: str) -> str:
    """The text of a method under another selector with as many arguments."""
    tree = parse_method(source)
    return pattern(selector, tree) + source[_end_of_pattern(tree) :]


def pattern(selector: str, tree: MethodTree) -> str:
    """The first line of a method with that selector and the tree's arguments."""
    names = [each.name for each in tree.parameters]
    if not names:
        return selector
    keywords = [f"{part}:" for part in selector.split(":")[:-1]] or [selector]
    return " ".join(f"{keyword} {name}" for keyword, name in zip(keywords, names, strict=True))


def _end_of_pattern(tree: MethodTree) -> int:
    """Where the pattern of a method ends in its source."""
    return tree.parameters[-1].stop if tree.parameters else tree.start + len(tree.selector)


def _conflict(source: str) -> str:
    """The method of a user whose traits do not agree."""
    tree = parse_method(source)
    return f"{pattern(tree.selector, tree)}\n\t^ self traitConflict"


def install(world: World, behavior: Behavior, only: Collection[str] | None = None) -> None:
    """Bring the methods that a class has from its traits up to them, all of them or only those of some selectors."""
    if behavior.is_kernel:
        return
    offers = composed(world, behavior, only)
    own = behavior.methods
    concerned = own.values() if only is None else [own[selector] for selector in only if selector in own]
    for gone in [each for each in concerned if each.origin is not None and each.selector not in offers]:
        forget_method(world, behavior, gone.selector)
    for selector, (source, category, origin) in offers.items():
        present = own.get(selector)
        if present is not None and present.origin is None:
            continue
        if present is None or (present.source, present.category, present.origin) != (source, category, origin):
            put_method(world, Method(behavior, selector, source, category, origin))


def update_users(world: World, behavior: Behavior, only: Collection[str] | None = None) -> None:
    """Bring the methods of all who use a trait up to it; below a class, what traits require may be there now, or not.

    Args:
        world: Where.
        behavior: What changed.
        only: The selectors whose methods changed, None if anything may have.
    """
    holder = behavior.sole if isinstance(behavior, Metaclass) else behavior
    if isinstance(holder, ClassObject) and holder.is_trait:
        for user in users(world, behavior):
            concerned = None if only is None else {*only, *_aliases(user, behavior, only)}
            install(world, user, concerned)
            update_users(world, user, concerned)
    else:
        for heir in _composed_heirs(world, behavior):
            install(world, heir, only)


def _composed_heirs(world: World, behavior: Behavior) -> list[Behavior]:
    """Who inherits from a class or metaclass and is composed of traits."""
    holders = dict.fromkeys((*world.classes.values(), *world.former.values()))
    sides = (side for each in holders for side in (each, each.metaclass) if side.uses)
    return [each for each in sides if each is not behavior and each.inherits_from(behavior)]


def _aliases(user: Behavior, trait: Behavior, selectors: Collection[str]) -> list[str]:
    """The selectors under which a user has methods of a trait beside their own."""
    return [
        alias for use in user.uses if use.trait is trait for alias, selector in use.aliases if selector in selectors
    ]


def users(world: World, trait: Behavior) -> list[Behavior]:
    """The classes and traits that are composed of a trait directly, in order of their definition."""
    holders = (*world.classes.values(), *world.former.values())
    sides: Iterable[Behavior] = (each.metaclass if isinstance(trait, Metaclass) else each for each in holders)
    return [each for each in dict.fromkeys(sides) if any(use.trait is trait for use in each.uses)]


def is_composed_of(behavior: Behavior, trait: Behavior) -> bool:
    """Whether a trait is part of a class, directly or through other traits."""
    return any(use.trait is trait or is_composed_of(use.trait, trait) for use in behavior.uses)
