"""A session that evaluates and goes back, step by step, in a store of any kind."""

from storage import HistoryAppended, ObjectsChanged, SavepointSaved, StateUndone


class Steps:
    """A session whose object 0 holds the number of the last evaluation, each of which makes one object."""

    def __init__(self, store, sid):
        self.store, self.sid = store, sid
        self.seq, self.next_oid, self.entries = store.load(sid).seq, store.load(sid).next_oid, 0

    def changes(self, text=None):
        self.seq, self.entries, self.next_oid = self.seq + 1, self.entries + 1, self.next_oid + 1
        made = (self.next_oid - 1, ("B", (), text))
        records = [(0, ("A", (self.entries, (self.next_oid - 1, "B")), None)), made]
        return [
            ObjectsChanged(self.sid, self.seq, self.next_oid, records),
            HistoryAppended(self.sid, self.entries, {"code": str(self.entries)}),
        ]

    def evaluate(self, times=1, text=None):
        for _ in range(times):
            self.store.commit(self.changes(text))

    def go_back(self, change, *, is_kept=True):
        self.seq, self.entries = self.seq + 1, self.entries + 1
        name = f"before {self.entries}" if is_kept else None
        kept = [SavepointSaved(self.sid, name, 0, {})] if name else []
        entry = HistoryAppended(self.sid, self.entries, {"code": "back"})
        self.store.commit([*kept, change._replace(seq=self.seq, before=name), entry])

    def undo(self, point, *, is_kept=True):
        self.go_back(StateUndone(self.sid, point, 0), is_kept=is_kept)

    def objects(self):
        return objects(self.store.load(self.sid))


def objects(state):
    return {oid: state.record(oid) for oid in state.oids()}
