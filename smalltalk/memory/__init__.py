"""Live objects <-> plain records: object ids, forms, ghosts, the heap. No bytes, no disk, no clock, no thread."""
