"""The commands that look after the stored sessions: `backup`, `restore`, `verify` and the group `sessions`.

They open the data directory themselves, so no server may use it; only `backup` asks a server that runs to do it
(`errands.py`). What they find goes to stdout, why they cannot do it to stderr with the exit codes of `errors.py`;
`verify` exits with 1 when it found damage.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click

from storage import (
    DamagedRecord,
    DataInUse,
    Report,
    SessionPurged,
    SessionRow,
    SqliteStore,
    StoreError,
    backup_places,
    holds_store,
    repair,
    restore,
)

from .clock import SystemClock, iso_timestamp
from .errands import Errands
from .errors import DataError
from .retention import is_open
from .settings import Settings
from .version import SERVER_NAME

#: Between two looks for the answer of a server.
_POLL_S: Final = 0.1
_EXIT_DAMAGED: Final = 1
_MIB: Final = 1024 * 1024
#: Free pages given back in one transaction.
_VACUUM_PAGES: Final = 256


def _data_option(command: Callable[..., Any]) -> Callable[..., Any]:
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
def _plain_errors() -> Iterator[None]:
    """Say what is wrong with the data in one sentence."""
    try:
        yield
    except StoreError as error:
        click.echo(f"{SERVER_NAME}: {error}", err=True)
        sys.exit(DataError.exit_code)


def _check_data(data: Path) -> None:
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
def _opened(data: Path) -> Iterator[SqliteStore]:
    """Open a store for one command."""
    _check_data(data)
    store = SqliteStore(data)
    try:
        yield store
    finally:
        store.close()


@click.command()
@_data_option
@click.argument("target", type=click.Path(path_type=Path))
def backup(data: Path, target: Path) -> None:
    """Copy all sessions, as of one moment, into the new directory TARGET, and check the copy.

    A server that uses the data goes on serving meanwhile.
    """
    with _plain_errors():
        _check_data(data)
        place, partial = backup_places(data, target)
        size_bytes = _size_bytes(data)
        with click.progressbar(length=size_bytes, label="backing up", file=sys.stderr) as bar:
            try:
                _back_up_here(data, place, lambda done: bar.update(max(0, done - bar.pos)))
            except DataInUse:
                _ask_server(data, place, partial, lambda done: bar.update(max(0, done - bar.pos)))
        with _opened(place) as copy:
            report = copy.verify()
    _tell(report, target)


def _back_up_here(data: Path, place: Path, show: Callable[[int], None]) -> None:
    """Back up a store that no server uses."""
    with _opened(data) as store:
        for done_bytes in store.back_up(place):
            show(done_bytes)


def _ask_server(data: Path, place: Path, partial: Path, show: Callable[[int], None]) -> None:
    """Let the server that uses the data back it up, and wait for its answer.

    Raises:
        StoreError: it could not, or has ended.
    """
    errands = Errands(data)
    errands.ask_for_backup(place)
    pause = threading.Event()
    try:
        while (answer := errands.answer()) is None:
            pause.wait(_POLL_S)
            show(_size_bytes(partial))
            if not _is_in_use(data) and not place.exists():
                raise StoreError("The server has ended before the backup was made; run the command again.")
    finally:
        errands.withdraw()
    if "done" not in answer:
        raise StoreError(answer.get("error", "The server gave no answer that can be read."))


def _is_in_use(data: Path) -> bool:
    """Tell whether a server uses a data directory."""
    try:
        with _opened(data):
            return False
    except DataInUse:
        return True


def _size_bytes(directory: Path) -> int:
    """Return how much the store's files in a directory take."""
    return sum(path.stat().st_size for path in directory.glob("store.db*"))


@click.command("restore")
@_data_option
@click.argument("source", type=click.Path(path_type=Path))
def restore_backup(data: Path, source: Path) -> None:
    """Give the data directory the sessions of the backup SOURCE; what it had is moved to a directory `replaced-N`."""
    with _plain_errors():
        report = restore(source, data)
    _tell(report, data)


@click.command()
@_data_option
@click.option("--repair", "is_repaired", is_flag=True, help="Put what can be read together anew; what is lost is told.")
@click.option("--backup", "spare", type=click.Path(path_type=Path), help="With --repair: for what has no whole state.")
def verify(data: Path, spare: Path | None, *, is_repaired: bool) -> None:
    """Read everything that is stored and tell every damage."""
    if spare is not None and not is_repaired:
        raise click.UsageError("--backup goes with --repair.")
    if is_repaired:
        with _plain_errors():
            _check_data(data)
            losses = repair(data, spare)
        if losses is None:
            click.echo(f"{data}: nothing to repair")
        for loss in losses or []:
            click.echo(f"lost: {loss.token or 'no session in particular'}: {loss.what}")
    with _plain_errors(), _opened(data) as store:
        report = store.verify()
        rows = {row.sid: row for row in store.sessions()}
    for damage in report.damages:
        row = None if damage.sid is None else rows.get(damage.sid)
        owner = "no session in particular" if damage.sid is None else row.token if row else f"session {damage.sid}"
        click.echo(f"damaged: {owner}: {damage.table} {damage.key}: {damage.what}")
    _tell(report, data)
    if report.damages:
        sys.exit(_EXIT_DAMAGED)


def _tell(report: Report, place: Path) -> None:
    damages = f"{len(report.damages)} damages" if report.damages else "no damage"
    click.echo(f"{place}: {report.sessions} sessions, {report.records} objects, {damages}")


@click.group()
def sessions() -> None:
    """The stored sessions of a data directory that no server uses."""


@sessions.command("list")
@_data_option
@click.option("--client", help="Only the sessions of this client.")
def list_sessions(data: Path, client: str | None) -> None:
    """List the sessions: id, client, time of the last use, state, size."""
    now_ms = SystemClock().now_ms()
    with _plain_errors(), _opened(data) as store:
        for row in store.sessions() if client is None else store.sessions_of_client(client):
            state = "open" if is_open(row, now_ms) else "closed" if row.is_closed else "expired"
            used = iso_timestamp(row.last_modified_ms)
            click.echo(f"{row.token}  {row.client_id}  {used}  {state}  {_size(store, row)}")


def _size(store: SqliteStore, row: SessionRow) -> str:
    """Return what a session's objects take, as text."""
    try:
        return f"{store.load(row.sid).size_bytes() / _MIB:.2f} MiB"
    except DamagedRecord:
        return "damaged"


@sessions.command()
@_data_option
@click.argument("token")
def show(data: Path, token: str) -> None:
    """Show one session: its times, its size, its savepoints."""
    with _plain_errors(), _opened(data) as store:
        row = _existing(store, token)
        state = store.load(row.sid)
        click.echo(f"session    {row.token}\nclient     {row.client_id}")
        click.echo(f"created    {iso_timestamp(row.created_at_ms)}\nlast used  {iso_timestamp(row.last_modified_ms)}")
        click.echo(f"expires    {iso_timestamp(row.expires_at_ms)}\nclosed     {'yes' if row.is_closed else 'no'}")
        click.echo(f"objects    {sum(1 for _ in state.oids())}, {state.size_bytes() / _MIB:.2f} MiB")
        click.echo(f"history    {store.history(row.sid, 0, 0).total} entries")
        for savepoint in store.savepoints(row.sid):
            click.echo(f"savepoint  {savepoint.name}  {iso_timestamp(savepoint.at_ms)}")


@sessions.command()
@_data_option
@click.argument("tokens", nargs=-1)
@click.option("--expired", is_flag=True, help="All sessions past their retention, and all closed ones.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def purge(data: Path, tokens: tuple[str, ...], *, expired: bool, yes: bool) -> None:
    """Delete sessions for ever, with all they have."""
    if not tokens and not expired:
        raise click.UsageError("Name sessions, or say --expired.")
    now_ms = SystemClock().now_ms()
    with _plain_errors(), _opened(data) as store:
        rows = [_existing(store, token) for token in dict.fromkeys(tokens)]
        if expired:
            rows += [row for row in store.sessions() if not is_open(row, now_ms) and row not in rows]
        if not rows:
            click.echo("no session is to be deleted")
            return
        if not yes:
            click.confirm(f"Delete {len(rows)} sessions for ever?", abort=True)
        for row in rows:
            store.commit([SessionPurged(row.sid)])
        while store.vacuum(_VACUUM_PAGES):
            pass
    click.echo(f"{len(rows)} sessions deleted")


def _existing(store: SqliteStore, token: str) -> SessionRow:
    """Return a session's row.

    Raises:
        StoreError: there is none.
    """
    row = store.session_by_token(token)
    if row is None:
        raise StoreError(f"There is no session {token}.")
    return row


STORE_COMMANDS: Final = (backup, restore_backup, verify, sessions)
