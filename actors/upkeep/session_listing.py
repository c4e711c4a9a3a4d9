"""What an operator is told of stored sessions: one line of each, or some lines of one.

`sessions list` and `sessions show` say it of data that nobody uses; a server that uses its data is asked for the same
lines, which it writes into a file between the requests of others (`session_errands.py`).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from storage import DamagedRecord, DataInUse, SessionRow, Store, read_whole, remove_durably

from ..clock import SystemClock, iso_timestamp
from ..durability.shards import directory_of_token, shard_directories
from ..limits import SERVER_LIMITS
from ..state.retention import is_open
from .amounts import counted, size
from .errands import Errands
from .opened_data import data_option, existing, opened, plain_errors, wait_for_answer

#: Names of the errands.
LIST: Final = "list"
SHOW: Final = "show"
#: The client of an errand that asks for the sessions of all.
EVERYBODY: Final = ""

#: What a server answers with.
_LISTING: Final = "sessions.list"
_LISTING_BYTES_MAX: Final = SERVER_LIMITS["listing_bytes_max"].value


def session_lines(store: Store, client_id: str | None, now_ms: int) -> Iterator[str]:
    """A line of each session, or of each of a client's."""
    for row in store.sessions() if client_id is None else store.sessions_of_client(client_id):
        state = "open" if is_open(row, now_ms) else "closed" if row.is_closed else "expired"
        used = iso_timestamp(row.last_modified_ms)
        yield f"{row.token}  {row.client_id}  {used}  {state}  {_size(store, row)}\n"


def _size(store: Store, row: SessionRow) -> str:
    """Return what a session's objects take, as text."""
    try:
        return size(store.load(row.sid).size_bytes())
    except DamagedRecord:
        return "damaged"


def session_facts(store: Store, token: str) -> Iterator[str]:
    """The lines about one session.

    Raises:
        StoreError: there is none, or its objects cannot be read.
    """
    row = existing(store, token)
    state = store.load(row.sid)
    yield f"session    {row.token}\nclient     {row.client_id}\n"
    yield f"created    {iso_timestamp(row.created_at_ms)}\nlast used  {iso_timestamp(row.last_modified_ms)}\n"
    yield f"expires    {iso_timestamp(row.expires_at_ms)}\nclosed     {'yes' if row.is_closed else 'no'}\n"
    yield f"objects    {sum(1 for _ in state.oids()):,}, {size(state.size_bytes())}\n"
    yield f"history    {counted(store.history(row.sid, 0, 0).total, 'evaluation')}\n"
    for savepoint in store.savepoints(row.sid):
        yield f"savepoint  {savepoint.name}  {iso_timestamp(savepoint.at_ms)}\n"


def _of_server(directory: Path, name: str, asked: str) -> str:
    """The lines that the server which uses a shard says.

    Raises:
        StoreError: it cannot, or has ended.
    """
    place = (directory / _LISTING).absolute()
    errands = Errands(directory)
    with errands.turn():
        remove_durably(place)  # of a command that was killed; it would be kept as a former file
        try:
            errands.ask(**{name: asked, "to": str(place)})
            wait_for_answer(directory, errands, lambda: None)
            return read_whole(place, _LISTING_BYTES_MAX).decode()
        finally:
            remove_durably(place)


@click.command("list")
@data_option
@click.option("--client", help="Only the sessions of this client.")
def list_sessions(data: Path, client: str | None) -> None:
    """List the sessions: id, client, time of the last use, state, size.

    A server that uses the data says what it has stored, and goes on serving meanwhile.
    """
    with plain_errors():
        try:
            with opened(data) as store:
                for line in session_lines(store, client, SystemClock().now_ms()):
                    click.echo(line, nl=False)
        except DataInUse:
            for directory in shard_directories(data):
                click.echo(_of_server(directory, LIST, client or EVERYBODY), nl=False)


@click.command("show")
@data_option
@click.argument("token", metavar="ID")
def show_session(data: Path, token: str) -> None:
    """Show one session: its times, its size, its savepoints.

    A server that uses the data says it, and goes on serving meanwhile.
    """
    with plain_errors():
        try:
            with opened(data) as store:
                text = "".join(session_facts(store, token))
        except DataInUse:
            text = _of_server(directory_of_token(data, token), SHOW, token)
        click.echo(text, nl=False)
