"""Lending: sessions that hog the processor do it in a process of their own, and the others hardly notice.

    session -- loans -- link -- front -- link -- quarantine worker: guests

With several workers the front has one more, the quarantine worker, which owns no shard and has a lower priority. A
session whose evaluation hogs the processor is lent to it: the evaluation is stopped where it stands, what it changed so
far is encoded and nothing of it is stored, and the session's records go over with it. There it goes on as a guest,
beside other guests. What came of it comes home in one letter, and its owner settles it like any other run: changes,
history and reply are one commit. So a loan is no second way to own a session or to commit: whatever dies on the way,
nothing of the evaluation was stored, and it begins again from what is.

| about | modules |
|---|---|
| the owner's side | loans |
| the other side, whose loop is `front/quarantine_worker.py` | guest |
| what they write to each other | letters |
"""
