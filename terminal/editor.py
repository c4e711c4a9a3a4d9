"""The person's own editor: the program that VISUAL or EDITOR names edits a text in a file."""

import asyncio
import os
import shlex
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

#: Editors choose by it how to colour.
_FILE_NAME: Final = "method.st"


def named_editor() -> str | None:
    """Return the command that starts the person's editor, if they have named one."""
    return os.environ.get("VISUAL") or os.environ.get("EDITOR") or None


async def edit_in_program(command: str, text: str) -> str | None:
    """Have a text edited by a program that takes a file's name.

    Returns:
        The text as it then is; None when the program cannot be started, ends with an error or leaves no text.
    """
    with TemporaryDirectory(prefix="stui-edit-") as folder:
        file = Path(folder) / _FILE_NAME
        await asyncio.to_thread(file.write_text, text, "utf-8")
        try:
            program = await asyncio.create_subprocess_exec(*shlex.split(command), str(file))
            if await program.wait() != 0:
                return None
            return await asyncio.to_thread(file.read_text, "utf-8")
        except (OSError, ValueError):
            return None
