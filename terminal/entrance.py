"""The way into the console: Ctrl-C ends it without a word while it is being loaded, which takes half a second.

Python's own answer to it would be the lines of whatever module was just being read.
"""

import signal


def main() -> None:
    """Load the console and run it."""
    heeding = signal.signal(signal.SIGINT, signal.SIG_DFL)
    from .console import main as console  # noqa: PLC0415 - what takes the time

    signal.signal(signal.SIGINT, heeding)
    console()
