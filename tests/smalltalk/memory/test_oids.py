"""Object ids: given in order, and small ones shared by all sessions."""

from smalltalk.memory.ghosts import ghost_class, new_ghost
from smalltalk.memory.oids import SHARED_MAX, Oids
from smalltalk.runtime.objects import Box, new_box


def test_ids_are_given_in_order_beyond_those_that_are_shared() -> None:
    oids = Oids(SHARED_MAX - 2)
    assert [oids.of(new_box()) for _ in range(4)] == [SHARED_MAX - 2, SHARED_MAX - 1, SHARED_MAX, SHARED_MAX + 1]


def test_sessions_share_the_integers_of_small_ids() -> None:
    """Whether an object is new or a ghost, and whatever integer its record was read with."""
    read = int("1000")
    new, ghost = new_box(), new_ghost(ghost_class(Box), read)
    Oids(1000).of(new)
    assert new.oid is ghost.oid
    assert ghost.oid is not read


def test_large_ids_are_kept_as_they_are() -> None:
    assert new_ghost(ghost_class(Box), SHARED_MAX).oid == SHARED_MAX
