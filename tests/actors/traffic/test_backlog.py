"""Replies for slow peers."""

from actors.traffic.backlog import TOTAL_BYTES_MAX, Backlog

UNREAD_MB = 20
PEER_BYTES_MAX = UNREAD_MB * 1024 * 1024


def test_what_waits_is_sent_in_order_and_a_full_peer_holds_nobody_else():
    backlog = Backlog(UNREAD_MB)
    for number in range(3):
        assert backlog.add([b"slow", b"%d" % number]) is None
    assert backlog.add([b"fast", b"0"]) is None
    sent = []

    def send(frames):
        if frames[0] == b"slow" and frames[1] == b"1":
            return False
        sent.append(frames[1])
        return True

    backlog.retry(send)
    assert sent == [b"0", b"0"]
    assert backlog.holds(b"slow")
    assert not backlog.holds(b"fast")
    backlog.retry(lambda frames: sent.append(frames[1]) or True)
    assert sent == [b"0", b"0", b"1", b"2"]
    assert not backlog


def test_a_peer_has_its_share_and_no_more():
    backlog = Backlog(UNREAD_MB)
    assert backlog.add([b"a", bytes(PEER_BYTES_MAX - 1_000)]) is None
    assert backlog.add([b"a", bytes(1_000)]) == "unread_mb"
    assert backlog.dropped == 1
    assert backlog.add([b"b", b"x"]) is None


def test_a_peer_that_reads_slowly_gets_all_if_no_more_than_its_share_waits_at_once():
    backlog = Backlog(UNREAD_MB)
    body, read = bytes(PEER_BYTES_MAX // 4), []

    def send_one(frames):
        read.append(frames)
        return len(read) % 2 == 1  # one is read at each look, then the peer is full again

    assert backlog.add([b"a", body]) is None
    for _ in range(20):
        assert backlog.add([b"a", body]) is None
        backlog.retry(send_one)
    assert backlog.holds(b"a")
    assert backlog.dropped == 0


def test_a_peer_that_is_found_gone_leaves_room_for_others():
    backlog = Backlog(UNREAD_MB)
    body = bytes(PEER_BYTES_MAX - 1_000)
    for number in range(TOTAL_BYTES_MAX // PEER_BYTES_MAX):
        backlog.add([b"%d" % number, body])
    for name in (b"0", b"1"):
        backlog.add([name, b"small"])
    backlog.retry(lambda frames: frames[0] in {b"0", b"1"} and (backlog.forget(frames[0]) or True))
    assert [backlog.add([b"new %d" % number, body]) for number in range(3)] == [None, None, "total_bytes_max"]


def test_all_peers_together_have_theirs():
    backlog = Backlog(UNREAD_MB)
    body = bytes(PEER_BYTES_MAX - 1_000)
    taken = [backlog.add([b"%d" % number, body]) for number in range(TOTAL_BYTES_MAX // PEER_BYTES_MAX + 1)]
    assert taken[:-1] == [None] * (len(taken) - 1)
    assert taken[-1] == "total_bytes_max"
    backlog.forget(b"0")
    assert backlog.add([b"x", body]) is None
