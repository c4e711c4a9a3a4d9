"""Power losses for plain files: what a disk may hold after one, by a recorded run of `storage/wholefiles.py`.

A loss keeps what was synced. Of a file's content that was not, there is nothing, a part, all, or rubbish of that
length; of the names made, moved and removed in a directory since it was synced, any choice.
"""

import os
import random
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Event:
    """One call: `kind` is the call's name or a mark of the test; `inode` and `content` are those of a file's sync."""

    kind: str
    path: Path | None = None
    target: Path | None = None
    inode: int = 0
    content: bytes = b""


class Recorder:
    """All calls of a run that change or sync files, in order."""

    def __init__(self):
        self.events = []

    def mark(self, kind):
        """Note something that the test wants to know the place of."""
        self.events.append(Event(kind))


@contextmanager
def recording(monkeypatch):
    """Record the calls of this process while they are done for real."""
    recorder = Recorder()
    plain = {name: getattr(os, name) for name in ("open", "fsync", "link", "rename", "unlink", "mkdir")}

    def note(*values, **more):
        recorder.events.append(Event(*values, **more))

    def opened(path, flags, *rest, **named):
        descriptor = plain["open"](path, flags, *rest, **named)
        if flags & os.O_CREAT:
            note("create", Path(path), inode=os.fstat(descriptor).st_ino)
        return descriptor

    def synced(descriptor):
        plain["fsync"](descriptor)
        place = Path(f"/proc/self/fd/{descriptor}").readlink()
        if place.is_dir():
            note("sync_directory", place)
        else:
            note("sync", place, inode=os.fstat(descriptor).st_ino, content=place.read_bytes())

    def named(kind):
        def call(path, *rest, **more):
            plain[kind](path, *rest, **more)
            note(kind, Path(path), Path(rest[0]) if kind in ("link", "rename") else None)

        return call

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", opened)
        patched.setattr(os, "fsync", synced)
        for kind in ("link", "rename", "unlink", "mkdir"):
            patched.setattr(os, kind, named(kind))
        yield recorder


def files_after_loss(events, count, chance: random.Random):
    """Return what may be on the disk, content by path, when power is lost after so many events."""
    contents = _contents(events, count, chance)
    lost = _lost(events[:count], chance)
    names: dict[Path, int | None] = {}
    for number, event in enumerate(events[:count]):
        if number in lost:
            continue
        if event.kind == "create":
            names.setdefault(event.path, event.inode)
        elif event.kind == "mkdir":
            names[event.path] = None
        elif event.kind in ("link", "rename") and event.path in names:
            names[event.target] = names[event.path]
        if event.kind in ("rename", "unlink"):
            names.pop(event.path, None)
    made = {event.path for event in events[:count] if event.kind == "mkdir"}
    return {
        path: contents[inode]
        for path, inode in names.items()
        if inode is not None and all(above in names for above in path.parents if above in made)
    }


def _contents(events, count, chance):
    """Choose the content of each file: that of its last sync, or anything on the way to the next one."""
    contents = {}
    for event in events[:count]:
        if event.kind == "create":
            contents[event.inode] = None
        elif event.kind == "sync":
            contents[event.inode] = event.content
    for event in events[count:]:
        if event.kind == "sync" and contents.get(event.inode, b"") is None:
            part = event.content[: chance.randrange(len(event.content) + 1)]
            contents[event.inode] = chance.choice([b"", part, event.content, chance.randbytes(len(part))])
    return {inode: content or b"" for inode, content in contents.items()}


def _lost(events, chance):
    """Choose which changes of directories that were not synced are lost, by their numbers."""
    last_sync = {event.path: number for number, event in enumerate(events) if event.kind == "sync_directory"}
    changes = [number for number, event in enumerate(events) if event.kind in _CHANGES]
    unsynced = [number for number in changes if number > last_sync.get(events[number].path.parent, -1)]
    return {number for number in unsynced if chance.random() < chance.choice([0.2, 0.8])}


_CHANGES = ("create", "link", "rename", "unlink", "mkdir")
