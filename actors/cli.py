"""The entry of the command line: answers Ctrl-C from the first moment on, then loads `commands/serve.py`.

Loading takes most of a second and the first start some more; a Ctrl-C in that time would otherwise show where in our
modules it struck.
"""

import gc
import os
import signal
import sys
from typing import Any, Final

from .version import SERVER_NAME

#: What a shell reports of a program that SIGINT ended.
_EXIT_CODE: Final = 128 + signal.SIGINT


def _leave(_signal: int, _frame: Any) -> None:
    """End the process where it stands: nobody was told anything yet, and the store is made for that."""
    sys.stderr.write(f"{SERVER_NAME}: stopped before it served anybody.\n")
    sys.stderr.flush()
    os._exit(_EXIT_CODE)


def main() -> None:
    """Run the command line."""
    signal.signal(signal.SIGINT, _leave)
    # What is loaded lives as long as the process: to look through it again and again takes a tenth of the start.
    gc.disable()
    from .commands.serve import run  # noqa: PLC0415 - what it imports must come after the handler
    from .resources.process import GC_THRESHOLDS  # noqa: PLC0415 - the same

    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    gc.enable()
    run()


if __name__ == "__main__":
    main()
