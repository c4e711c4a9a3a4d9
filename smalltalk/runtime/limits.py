"""Every limit of the running language, with its reason. Units stand last in the names."""

from __future__ import annotations

from typing import Final

#: Longest integer a primitive or an arithmetic loop may make: 79,000 digits; one multiplication stays below 10 ms.
INTEGER_BITS_MAX: Final = 262_144

#: Most elements one allocation may ask for (`Array new: n`): 128 MB of references at once is what a server can lose.
ALLOCATION_ELEMENTS_MAX: Final = 16 * 1024 * 1024

#: Frames of nested sends, unless the host says otherwise: 195 bytes each, so about 20 MB; deep recursions of real
#: programs end far below.
RECURSION_FRAMES_MAX: Final = 100_000

#: Frames lent to the error that a recursion ended in: handlers and printing need some, a second overrun gets no more.
RECURSION_ROOM_FRAMES: Final = 5_000

#: Frames lent beyond that to whoever describes the stack when it is used up, too: some ten are needed.
RECURSION_REPORT_FRAMES: Final = 200

#: CPU time of one evaluation unless its caller says otherwise: half a minute is longer than anybody waits.
CPU_BUDGET_MS: Final = 30_000

#: CPU time of the `ensure:` blocks of a stopped evaluation: enough to close things, too little to live on.
GRACE_BUDGET_MS: Final = 100

#: Time an evaluation may wait for other processes and for delays unless its caller says otherwise: a minute; whoever
#: asked waits for the reply all that time.
WAIT_BUDGET_MS: Final = 60_000

#: Processes of one session that have begun and not ended: each holds a stack of its own, 6 KB and its frames.
PROCESSES_MAX: Final = 1_000

#: Stacks of waiting processes kept in memory between evaluations: going on from one costs a microsecond, from what was
#: captured of it a third of a millisecond; but a process that nothing refers to any more is forgotten only without one.
PARKED_STACKS_MAX: Final = 64

#: Stack lines in the notice of a process that ended in an error: where it happened; the Transcript is no debugger.
PROCESS_NOTICE_STACK_LINES: Final = 5

#: Lines of a stack in a failure report, from the top and from the bottom: the middle of a recursion repeats itself.
STACK_LINES_TOP: Final = 40
STACK_LINES_BOTTOM: Final = 10

#: Characters of a message text in a failure report: one screen; a text of megabytes would travel in each reply.
MESSAGE_TEXT_MAX: Final = 4_096

#: Characters of a result that are answered unless the host says otherwise: with its reply it stays far below the 10 MB
#: of a message, and every reply is stored.
RESULT_CHARACTERS_SHOWN: Final = 256 * 1024

#: Characters of a transcript that are answered unless the host says otherwise: the last ones.
TRANSCRIPT_CHARACTERS_SHOWN: Final = 1024 * 1024

#: Characters the Transcript keeps between two drains; what is older than that is dropped and said so.
TRANSCRIPT_CHARACTERS_MAX: Final = 4 * 1024 * 1024

#: Characters kept of a text that is longer than what is answered of it, to be read in pages.
KEPT_CHARACTERS_MAX: Final = 4 * 1024 * 1024

#: Class-side instance variables of one class, inherited ones included: all class objects share one layout of slots.
CLASS_SIDE_VARIABLES_MAX: Final = 32

#: Classes one world may define: each costs two Python types, about 3 KB.
CLASSES_PER_WORLD_MAX: Final = 10_000

#: Classes above each other: Pharo's own stand 15 deep. Each class knows all above it, so a chain of thousands takes
#: time with the square of its length, for a minute in one go when it is defined anew or its session is opened.
INHERITANCE_LEVELS_MAX: Final = 256

#: Arguments a method, a block or a `perform:` may have, as in Pharo.
ARGUMENTS_MAX: Final = 15

#: Objects one `deepCopy` or `veryDeepCopy` may copy.
COPIED_OBJECTS_MAX: Final = 1024 * 1024
