"""What whoever runs the language may set of its limits; all others stand in `limits`."""

from __future__ import annotations

from typing import NamedTuple

from .limits import RECURSION_FRAMES_MAX, RESULT_CHARACTERS_SHOWN, TRANSCRIPT_CHARACTERS_SHOWN


class Bounds(NamedTuple):
    """The bounds of all sessions of one host.

    Attributes:
        stack_frames: frames of nested sends.
        result_chars: characters of a result or a displayString that are answered; the whole is kept as a String.
        transcript_chars: characters of a transcript that are answered, the last ones; the whole is kept as a String.
    """

    stack_frames: int = RECURSION_FRAMES_MAX
    result_chars: int = RESULT_CHARACTERS_SHOWN
    transcript_chars: int = TRANSCRIPT_CHARACTERS_SHOWN
