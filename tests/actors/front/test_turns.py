"""Each connection has its turn, however much came over another, and keeps its own order."""

from actors.front.turns import Turns


def test_connections_take_turns_and_keep_their_order():
    turns = Turns()
    for number in range(1_000):
        turns.add(b"flood", number)
    for word in ("a", "b"):
        turns.add(b"other", word)
    assert [turns.take() for _ in range(5)] == [0, "a", 1, "b", 2]
    turns.add(b"other", "c")
    assert [turns.take() for _ in range(3)] == [3, "c", 4]
    assert [turns.take() for _ in range(995)] == list(range(5, 1_000))
    assert not turns
