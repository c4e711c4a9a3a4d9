"""The limits of session files; what is beyond them is refused before it takes memory or time."""

from typing import Final

#: Bytes of a file: a session of some 50 MB of objects; the tree of a file takes about ten times its size in memory.
FILE_BYTES_MAX: Final = 128 * 1024 * 1024

#: Levels of lists and maps inside each other: what clients store nests up to 64 deep, objects only some levels.
NESTING_MAX: Final = 100

#: Object ids of an imported session: the list of its segments holds a place for each 128 of them, taken or not.
OIDS_MAX: Final = 1 << 28

#: Digits of a number written in decimal; longer integers are written in base 16, which is read in linear time.
DIGITS_MAX: Final = 300

#: Entries of an imported history and savepoints of an imported session, each: far more than a server keeps or shows.
ENTRIES_MAX: Final = 1_000_000
