"""The commands about session files: `sessions export`, `import`, `archive` and `check`.

Export and import ask a server that uses the data to do it (`upkeep/session_errands.py`); archiving needs the data for
itself.
"""

import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

import click

from smalltalk import SessionFileError, is_current
from storage import (
    DataInUse,
    Parcel,
    SessionPurged,
    SessionRow,
    Store,
    StoreError,
    pack_parcel,
    read_whole,
    remove_durably,
    write_whole,
)

from ..clock import SystemClock
from ..durability.shards import directory_of_token, home, shard_directories
from ..errors import DataError
from ..limits import SERVER_LIMITS
from ..running.language import KERNEL_KEY, SmalltalkEngine
from ..settings import Settings
from ..state.retention import is_expired
from ..upkeep.amounts import counted
from ..upkeep.archive import ARCHIVE, archiving
from ..upkeep.errands import Errands
from ..upkeep.imported_notes import CLIENT_CHARS_MAX
from ..upkeep.opened_data import check_data, data_option, existing, opened, plain_errors, wait_for_answer
from ..upkeep.session_errands import EXPORT, HAS_CLIENT, LIBRARY, TAKE_IN, YES
from ..upkeep.session_files import DRAFT, exporting, owner_of, place_of, reading, taking
from ..version import SERVER_NAME
from .code_file import CodeFile, cache_directory
from .progress import progress

#: What is handed to a server: a session that was read from a file.
_PARCEL: Final = "import.parcel"
#: What a server hands to a command: the compiled library.
_LIBRARY: Final = "import.library"


@click.command("export", short_help="Write a session as a readable file.")
@data_option
@click.argument("token", metavar="ID")
@click.option(
    "--to", "target", type=click.Path(path_type=Path), help="File or directory.  [default: the data directory]"
)
def export_session(data: Path, token: str, target: Path | None) -> None:
    """Write the session ID as a file that people and other servers can read.

    A file of that name is kept beside it. A server that uses the data goes on serving meanwhile.
    """
    with plain_errors():
        to = (target or data).absolute()
        with progress("exporting") as show:
            try:
                with opened(data) as store:
                    row = existing(store, token)
                    place = place_of(to, row)
                    for size_bytes in exporting(store, row, SmalltalkEngine(SystemClock(), store), place):
                        show(size_bytes)
            except DataInUse:
                directory = directory_of_token(data, token)
                errands = Errands(directory)
                with errands.turn():
                    errands.ask(**{EXPORT: token, "to": str(to)})
                    place = Path(wait_for_answer(directory, errands, lambda: show(0)))
    click.echo(place)


@click.command("import", short_help="Make a new session of a session file.")
@data_option
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--client", help="Whose session it will be.  [default: the client that the file names]")
def import_session(data: Path, file: Path, client: str | None) -> None:
    """Make a new session of FILE and print its id; nothing is changed if anything is wrong with the file."""
    with plain_errors():
        check_data(data)
        _borrow_library(data)
        parcel = _read(file)
        owner = owner_of(parcel, client)
        if not owner:
            raise StoreError(f"The file {file} names no client; say --client.")
        if len(owner) > CLIENT_CHARS_MAX:
            raise StoreError(f"The name of a client has at most {CLIENT_CHARS_MAX} characters, this has {len(owner)}.")
        try:
            # All shards: a shard opened by itself would give numbers of the first one.
            with opened(data) as store:
                token = _take_in(parcel, store, owner)
        except DataInUse:
            token = _hand_over(parcel, _home(data, owner), owner)
    click.echo(token)


@cache
def _language() -> SmalltalkEngine:
    """Load the language for reading files, as the user's cache keeps it compiled: once for all files of a command."""
    return SmalltalkEngine(SystemClock(), CodeFile(cache_directory()))


def _borrow_library(data: Path) -> None:
    """Let the user's cache have the compiled library of the data, if it has none yet: compiling it takes seconds."""
    kept = CodeFile(cache_directory())
    compiled = kept.code(KERNEL_KEY)
    if compiled is not None and is_current(compiled):
        return
    with suppress(StoreError):  # of a server of another version; then it is compiled
        try:
            with opened(data) as store:
                compiled = store.code(KERNEL_KEY)
        except DataInUse:
            compiled = _library_of_server(shard_directories(data)[0])
        if compiled is not None:
            kept.put_code([(KERNEL_KEY, compiled)])


def _library_of_server(directory: Path) -> bytes:
    """Ask the server that uses a shard for its compiled library."""
    place = (directory / _LIBRARY).absolute()
    errands = Errands(directory)
    with errands.turn():
        try:
            errands.ask(**{LIBRARY: str(place)})
            wait_for_answer(directory, errands, lambda: None)
            return read_whole(place, SERVER_LIMITS["code_file_bytes_max"].value)
        finally:
            remove_durably(place)


def _read(file: Path) -> Parcel:
    """Read and check a file.

    Raises:
        StoreError, SessionFileError: it is not to be read.
    """
    with progress("reading") as show:
        steps = reading(file, _language())
        try:
            while True:
                show(next(steps))
        except StopIteration as end:
            parcel: Parcel = end.value
            return parcel


def _home(data: Path, client_id: str) -> Path:
    """Return the directory of the shard of a server that runs where a client's sessions are, or belong."""
    directories = shard_directories(data)
    at_home = home(client_id, len(directories))
    others = [directory for shard, directory in enumerate(directories) if shard != at_home]
    return next((each for each in others if _has_client(each, client_id)), directories[at_home])


def _has_client(directory: Path, client_id: str) -> bool:
    """Ask the server that uses a shard whether the client has sessions there."""
    errands = Errands(directory)
    with errands.turn():
        errands.ask(**{HAS_CLIENT: client_id})
        return wait_for_answer(directory, errands, lambda: None) == YES


def _take_in(parcel: Parcel, store: Store, client_id: str) -> str:
    """Store a session in a store that no server uses."""
    session, batches = taking(parcel, store, SystemClock(), Settings().retention_days, client_id)
    try:
        for batch in batches:
            store.commit(batch)
    except StoreError:
        with suppress(StoreError):  # a server does it with its next sweep
            store.commit([SessionPurged(session.sid)])
        raise
    return session.token


def _hand_over(parcel: Parcel, directory: Path, client_id: str) -> str:
    """Let the server that uses the data take a session in."""
    place = (directory / _PARCEL).absolute()
    errands = Errands(directory)
    with errands.turn():
        remove_durably(place)  # of a command that was killed; it would be kept as a former file
        for _ in write_whole(place, pack_parcel(parcel)):
            pass
        try:
            errands.ask(**{TAKE_IN: str(place), "client": client_id})
            return wait_for_answer(directory, errands, lambda: None)
        finally:
            remove_durably(place)


@click.command("archive", short_help="Move sessions into files of the archive.")
@data_option
@click.argument("tokens", metavar="[ID]...", nargs=-1)
@click.option("--expired", is_flag=True, help="All sessions past their retention.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def archive_sessions(data: Path, tokens: tuple[str, ...], *, expired: bool, yes: bool) -> None:
    """Write sessions into the directory `archive` of the data, then delete them."""
    if not tokens and not expired:
        raise click.UsageError("Name sessions, or say --expired.")
    now_ms = SystemClock().now_ms()
    with plain_errors(), opened(data) as store:
        named = [existing(store, token) for token in tokens]
        past = [row for row in store.sessions() if expired and is_expired(row.expires_at_ms, now_ms)]
        rows = list({row.sid: row for row in [*named, *past]}.values())
        if rows and not yes:
            click.confirm(f"Archive and delete {counted(len(rows), 'session')}?", abort=True)
        text = SmalltalkEngine(SystemClock(), store)
        with progress("archiving", len(rows)) as show:
            for number, row in enumerate(rows, 1):
                click.echo(f"{row.token}  {_archive(store, row, text, data / ARCHIVE)}")
                show(number)
    click.echo(f"{counted(len(rows), 'session')} archived")


def _archive(store: Store, row: SessionRow, text: SmalltalkEngine, directory: Path) -> str:
    """Archive one session and delete it; answer where it is now."""
    written = "the draft of an import that was cut short: deleted"
    if DRAFT not in row.meta:
        for place in archiving(store, row, text, directory):
            written = str(place)
    store.commit([SessionPurged(row.sid)])
    return written


@click.command("verify", short_help="Tell whether session files are whole.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def check_files(files: tuple[Path, ...]) -> None:
    """Tell of session files whether they are whole and make sessions, without importing them.

    All are looked at; the exit code is 4 if anything is wrong with one.
    """
    are_whole = [_check_file(file) for file in files]
    if not all(are_whole):
        sys.exit(DataError.exit_code)


def _check_file(file: Path) -> bool:
    """Tell of one file; answer whether it is whole."""
    try:
        parcel = _read(file)
    except (StoreError, SessionFileError) as error:
        click.echo(f"{SERVER_NAME}: {error}", err=True)
        return False
    parts = {"object": parcel.records, "evaluation": parcel.history, "savepoint": parcel.savepoints}
    counts = ", ".join(counted(len(each), thing) for thing, each in parts.items())
    click.echo(f"{file}: session of {parcel.about.get('client')}, {counts}")
    return True


SESSION_FILE_COMMANDS: Final = (export_session, import_session, archive_sessions, check_files)
