"""Shapes: what references to instances of a redefined class name is stored with the first of them."""

from tests.smalltalk.lifetimes import Lifetimes


def test_a_reference_to_an_unchanged_instance_of_a_redefined_class_can_be_followed_after_a_restart():
    """None of the instances was written since the class was redefined, so none brought the new shape along."""
    session = Lifetimes()
    session.run("Object subclass: #Node instanceVariableNames: 'value next' classVariableNames: '' package: 'Demo'")
    session.run("Node compile: 'value: v next: n value := v. next := n'")
    session.run("Node compile: 'next ^next'")
    session.run("chain := Node new value: 1 next: (Node new value: 2 next: nil)")
    session.run("Object subclass: #Node instanceVariableNames: 'next value' classVariableNames: '' package: 'Demo'")
    session.run("chain := chain next")
    session.restart()
    assert session.run("chain next") == "nil"
