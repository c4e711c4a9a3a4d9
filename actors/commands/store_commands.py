"""The commands that look after the stored sessions: `backup`, `restore`, `verify` and the group `sessions`.

They open the data directory themselves, so no server may use it; only `backup` asks a server that runs to do it
(`upkeep/errands.py`). What they find goes to stdout, why they cannot do it to stderr with the exit codes of
`errors.py`; `verify` exits with 1 when it found damage.
"""

import itertools
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import click

from storage import (
    DataInUse,
    Report,
    SessionPurged,
    SqliteStore,
    backup_places,
    holds_store,
    repair,
    restore,
)

from ..clock import SystemClock
from ..durability.shards import shard_directories, shard_directory
from ..state.retention import is_open
from ..upkeep.amounts import counted
from ..upkeep.errands import Errands
from ..upkeep.opened_data import check_data, data_option, existing, opened, plain_errors, wait_for_answer
from ..upkeep.session_listing import list_sessions, show_session
from .session_commands import SESSION_FILE_COMMANDS

_EXIT_DAMAGED: Final = 1
#: Free pages given back in one transaction.
_VACUUM_PAGES: Final = 256


@click.command(short_help="Copy all sessions into a new directory.")
@data_option
@click.argument("target", type=click.Path(path_type=Path))
def backup(data: Path, target: Path) -> None:
    """Copy all sessions, each shard as of one moment, into the new directory TARGET, and check the copy.

    A server that uses the data goes on serving meanwhile.
    """
    with plain_errors():
        check_data(data)
        place, _ = backup_places(data, target)
        for shard, directory in enumerate(shard_directories(data)):
            _back_up(directory, shard_directory(place, shard))
        with opened(place) as copy:
            report = copy.verify()
    _tell(report, target)


def _back_up(data: Path, target: Path) -> None:
    """Back up one shard."""
    place, partial = backup_places(data, target)
    with click.progressbar(length=_size_bytes(data), label="backing up", file=sys.stderr) as bar:
        try:
            _back_up_here(data, place, lambda done: bar.update(max(0, done - bar.pos)))
        except DataInUse:
            _ask_server(data, place, partial, lambda done: bar.update(max(0, done - bar.pos)))


def _back_up_here(data: Path, place: Path, show: Callable[[int], None]) -> None:
    """Back up a shard that no server uses."""
    with closing(SqliteStore(data)) as store:
        for done_bytes in store.back_up(place):
            show(done_bytes)


def _ask_server(data: Path, place: Path, partial: Path, show: Callable[[int], None]) -> None:
    """Let the server that uses the data back it up, and wait for its answer.

    Raises:
        StoreError: it could not, or has ended.
    """
    errands = Errands(data)
    with errands.turn():
        errands.ask_for_backup(place)
        wait_for_answer(data, errands, lambda: show(_size_bytes(partial)))


def _size_bytes(directory: Path) -> int:
    """Return how much the store's files in a directory take."""
    return sum(path.stat().st_size for path in directory.glob("store.db*"))


@click.command("restore", short_help="Put a backup in the place of the data.")
@data_option
@click.argument("source", type=click.Path(path_type=Path))
def restore_backup(data: Path, source: Path) -> None:
    """Give the data directory the sessions of the backup SOURCE; what it had is moved to a directory `replaced-N`."""
    with plain_errors():
        restore(source, data)
        for shard in range(1, max(len(shard_directories(each)) for each in (data, source))):
            _restore_shard(shard_directory(source, shard), shard_directory(data, shard))
        with opened(data) as store:
            report = store.verify()
    _tell(report, data)


def _restore_shard(source: Path, data: Path) -> None:
    """Give one shard its backup; one that the backup does not have is moved aside, as a whole."""
    if holds_store(source):
        restore(source, data)
    elif data.exists():
        _move_aside(data)


def _move_aside(data: Path) -> None:
    """Give a directory another name beside it."""
    number = 1
    while (aside := data.with_name(f"replaced-{data.name}-{number}")).exists():
        number += 1
    data.rename(aside)


@click.command()
@data_option
@click.option("--repair", "is_repaired", is_flag=True, help="Put what can be read together anew; what is lost is told.")
@click.option("--backup", "spare", type=click.Path(path_type=Path), help="With --repair: for what has no whole state.")
def verify(data: Path, spare: Path | None, *, is_repaired: bool) -> None:
    """Read everything that is stored and tell every damage."""
    if spare is not None and not is_repaired:
        raise click.UsageError("--backup goes with --repair.")
    if is_repaired:
        with plain_errors():
            check_data(data)
            losses = [
                repair(directory, _spare_of(spare, shard)) for shard, directory in enumerate(shard_directories(data))
            ]
        if all(each is None for each in losses):
            click.echo(f"{data}: nothing to repair")
        for loss in itertools.chain.from_iterable(each or [] for each in losses):
            click.echo(f"lost: {loss.token or 'no session in particular'}: {loss.what}")
    with plain_errors(), opened(data) as store:
        report = store.verify()
        rows = {row.sid: row for row in store.sessions()}
    for damage in report.damages:
        row = None if damage.sid is None else rows.get(damage.sid)
        owner = "no session in particular" if damage.sid is None else row.token if row else f"session {damage.sid}"
        click.echo(f"damaged: {owner}: {damage.table} {damage.key}: {damage.what}")
    _tell(report, data)
    if report.damages:
        sys.exit(_EXIT_DAMAGED)


def _spare_of(backup: Path | None, shard: int) -> Path | None:
    """Return what a backup has of a shard, None for nothing; of the first, what was named, to be refused if need be."""
    if backup is None or (shard and not holds_store(shard_directory(backup, shard))):
        return None
    return shard_directory(backup, shard)


def _tell(report: Report, place: Path) -> None:
    damages = counted(len(report.damages), "damage") if report.damages else "no damage"
    click.echo(f"{place}: {counted(report.sessions, 'session')}, {counted(report.records, 'object')}, {damages}")


@click.group()
def sessions() -> None:
    """Look after stored sessions, and session files.

    While a server uses the data directory, `purge` and `archive` need it for themselves; the others work.
    """


@sessions.command()
@data_option
@click.argument("tokens", metavar="[ID]...", nargs=-1)
@click.option("--expired", is_flag=True, help="All sessions past their retention, and all closed ones.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def purge(data: Path, tokens: tuple[str, ...], *, expired: bool, yes: bool) -> None:
    """Delete sessions for ever, with all they have."""
    if not tokens and not expired:
        raise click.UsageError("Name sessions, or say --expired.")
    now_ms = SystemClock().now_ms()
    with plain_errors(), opened(data) as store:
        rows = [existing(store, token) for token in dict.fromkeys(tokens)]
        if expired:
            rows += [row for row in store.sessions() if not is_open(row, now_ms) and row not in rows]
        if not rows:
            click.echo("no session is to be deleted")
            return
        if not yes:
            click.confirm(f"Delete {counted(len(rows), 'session')} for ever?", abort=True)
        for row in rows:
            store.commit([SessionPurged(row.sid)])
        while store.vacuum(_VACUUM_PAGES):
            pass
    click.echo(f"{counted(len(rows), 'session')} deleted")


for command in (list_sessions, show_session, *SESSION_FILE_COMMANDS):
    sessions.add_command(command)
