"""What a power loss leaves of a recorded run: what was synced, and of the rest a seeded choice of sectors."""

import random

from tests.storage.recording_vfs import Delete, Sync, Truncate, Write

SECTOR_BYTES = 512


def put(content: bytearray, offset: int, piece: bytes) -> None:
    """Write a piece; a gap before it reads as zeros."""
    content.extend(bytes(max(0, offset + len(piece) - len(content))))
    content[offset : offset + len(piece)] = piece


def put_some(content: bytearray, write: Write, chance: float, rng: random.Random) -> None:
    """Write a seeded choice of a write's sectors; of a sector written in part, the rest stays as SQLite relies on."""
    start = 0
    while start < len(write.content):
        stop = min(len(write.content), start + SECTOR_BYTES - (write.offset + start) % SECTOR_BYTES)
        if rng.random() < chance:
            piece = write.content[start:stop]
            put(content, write.offset + start, rng.randbytes(len(piece)) if rng.random() < 0.05 else piece)
        start = stop


def files_after_loss(log: list, rng: random.Random, before: dict[str, bytes] | None = None) -> dict[str, bytearray]:
    """Return the files a power loss after these calls may leave; `before` is what was durable when they began."""
    chance = rng.choice([0.0, 0.2, 0.5, 0.9, 1.0])
    files = {name: bytearray(content) for name, content in (before or {}).items()}
    for name in {call.file for call in log}:
        calls = [call for call in log if call.file == name]
        deleted = max((place for place, call in enumerate(calls) if isinstance(call, Delete)), default=-1)
        if deleted >= 0:
            files.pop(name, None)
        calls = calls[deleted + 1 :]
        if not calls:
            continue
        synced = max((place for place, call in enumerate(calls) if isinstance(call, Sync)), default=-1)
        content = files.setdefault(name, bytearray())
        for place, call in enumerate(calls):
            if isinstance(call, Truncate) and (place <= synced or rng.random() < chance):
                del content[call.size :]
            elif isinstance(call, Write):
                if place <= synced:
                    put(content, call.offset, call.content)
                else:
                    put_some(content, call, chance, rng)
    return files
