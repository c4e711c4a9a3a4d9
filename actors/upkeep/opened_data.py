"""What all commands on stored sessions begin with.

The flag of the data directory, errors in one sentence, the opened store, and asking the server that has it.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click

from smalltalk import SessionFileError
from storage import DataInUse, SessionRow, Store, StoreError, holds_store

from ..durability.sharded_store import open_store
from ..durability.shards import shard_directories
from ..errors import DataError
from ..settings import Settings
from ..version import SERVER_NAME
from .errands import Errands

#: Between two looks for the answer of a server.
_POLL_S: Final = 0.1


def data_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the flag that names the data directory."""
    option = click.option(
        "--data",
        type=click.Path(path_type=Path),
        default=Settings().data,
        envvar="STUI_DATA",
        help="Directory of the durable sessions.",
        show_default=True,
    )
    return option(command)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Say what is wrong with the data or a file in one sentence."""
    try:
        yield
    except (StoreError, SessionFileError) as error:
        click.echo(f"{SERVER_NAME}: {error}", err=True)
        sys.exit(DataError.exit_code)


def check_data(data: Path) -> None:
    """Check that there is a store, so that no command makes one.

    Raises:
        StoreError: there is none, or nobody may look.
    """
    try:
        if not data.is_dir():
            raise StoreError(f"There is no data directory {data}.")
        if not holds_store(data):
            raise StoreError(f"The directory {data} holds no store.")
    except OSError as error:
        raise StoreError(f"The data directory {data} cannot be used ({error.strerror}).") from error


@contextmanager
def opened(data: Path) -> Iterator[Store]:
    """Open all shards of a data directory as one store, for one command."""
    check_data(data)
    store = open_store(data, list(range(len(shard_directories(data)))))
    try:
        yield store
    finally:
        store.close()


def is_in_use(data: Path) -> bool:
    """Tell whether a server uses a data directory."""
    try:
        with opened(data):
            return False
    except DataInUse:
        return True


def existing(store: Store, token: str) -> SessionRow:
    """Return a session's row.

    Raises:
        StoreError: there is none.
    """
    row = store.session_by_token(token)
    if row is None:
        raise StoreError(f"There is no session {token}.")
    return row


def wait_for_answer(data: Path, errands: Errands, show: Callable[[], None]) -> str:
    """Wait until the server that uses the data has done an errand; return what it says it has done.

    Args:
        data: the data directory.
        errands: through which the errand was asked.
        show: called again and again meanwhile.

    Raises:
        StoreError: it could not, or has ended.
    """
    pause = threading.Event()
    try:
        while (answer := errands.answer()) is None:
            pause.wait(_POLL_S)
            show()
            is_over = not is_in_use(data)
            if is_over and not errands.is_answered():
                raise StoreError("The server has ended before it was done; look at what is there, and run it again.")
    finally:
        errands.withdraw()
    if "done" not in answer:
        raise StoreError(answer.get("error", "The server gave no answer that can be read."))
    return str(answer["done"])
