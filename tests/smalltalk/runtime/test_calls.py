"""Calls with a list of arguments."""

from smalltalk.runtime.calls import call
from smalltalk.runtime.limits import ARGUMENTS_MAX


def test_every_number_of_arguments_arrives_in_order() -> None:
    """A method of the most arguments takes its receiver as well."""
    for count in range(ARGUMENTS_MAX + 2):
        arguments = list(range(count))
        assert call(lambda *received: list(received), arguments) == arguments
