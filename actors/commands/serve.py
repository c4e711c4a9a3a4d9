"""The commands of the command line: `stui-server serve`, and the names of all others.

On stdout comes one line of JSON when the server listens; logs go to stderr. A server that cannot start says why in one
sentence and exits with the code of `errors.py`.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import click

from ..clock import SystemClock
from ..durability.running_mark import RunningMark
from ..durability.sharded_store import open_store, shards_of
from ..errors import StartError
from ..logs import configure, new_logger
from ..resources.process import prepare_process, settle_memory
from ..running.language import SmalltalkEngine
from ..settings import ROWS, Row, Settings
from ..system import System, check_settings
from ..version import SERVER_NAME, SERVER_VERSION
from .config import load
from .hangup import listen_for_hangup
from .reload import reload

#: The commands that are loaded when they are asked for, with their modules: a server that starts after a crash is
#: waited for, and has no use for them.
_LATER: Final = {
    "backup": ("store_commands", "backup"),
    "restore": ("store_commands", "restore_backup"),
    "sessions": ("store_commands", "sessions"),
    "top": ("top_command", "top"),
    "verify": ("store_commands", "verify"),
}


class _Commands(click.Group):
    """The group of all commands."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in order."""
        return sorted([*super().list_commands(ctx), *_LATER])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name, None if there is none."""
        if cmd_name not in _LATER:
            return super().get_command(ctx, cmd_name)
        module, name = _LATER[cmd_name]
        command: click.Command = getattr(import_module(f".{module}", __package__), name)
        return command


def _option(row: Row) -> click.Option:
    """Make the flag of one setting; its value is read and checked by `config.load`."""
    default = ",".join(row.default) if row.kind is tuple else row.default
    doc = f"{row.bounds.doc}  [default: {default}]"
    if row.kind is bool:
        return click.Option([f"{row.flag}/--no-{row.flag[2:]}", row.name], default=None, help=doc)
    return click.Option([row.flag, row.name], metavar="VALUE", help=doc)


@click.group(cls=_Commands)
@click.version_option(SERVER_VERSION, prog_name=SERVER_NAME)
def run() -> None:
    """STUI Server: durable Smalltalk workspaces as actors behind ZeroMQ."""


@run.command(params=[_option(row) for row in ROWS])
@click.option("--config", "config_file", metavar="FILE", type=click.Path(path_type=Path), help="TOML file of settings.")
def serve(config_file: Path | None, **flags: Any) -> None:
    """Serve sessions until SIGTERM or SIGINT."""
    try:
        settings = load(config_file, os.environ, flags)
        check_settings(settings)
        _serve(settings, lambda: load(config_file, os.environ, flags))
    except StartError as error:
        if str(error):
            click.echo(f"{SERVER_NAME}: {error}", err=True)
        sys.exit(error.exit_code)


def _serve(settings: Settings, read: Callable[[], Settings]) -> None:
    """Run one server on this thread.

    Args:
        settings: what it begins with.
        read: reads them anew, for SIGHUP.
    """
    configure(settings.log_format, settings.log_level)
    if settings.workers > 1:
        _serve_many(settings, read)
        return
    prepare_process(settings.stack_mb, settings.memory_max_mb)
    clock = SystemClock()
    shards = list(range(shards_of(settings)))
    data = Path(settings.data)
    system = System(
        settings,
        clock,
        lambda store: SmalltalkEngine(clock, store),
        lambda: open_store(data, shards),
        open_mark=lambda: RunningMark(data, shards),
    )
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _signal, _frame: system.stop())
        listen_for_hangup(system.stop, lambda: system.postbox.post(lambda: reload(system, read)))
        with ExitStack() as monitors:
            http_address = _monitored(monitors, settings.http, system.address, clock)
            settle_memory()
            _announce(settings, system.address, http_address)
            system.run()
    finally:
        system.close()
    new_logger("server").info("stopped")


def _serve_many(settings: Settings, read: Callable[[], Settings]) -> None:
    """Run a front on this thread, and its workers in processes of their own."""
    # Loaded only here: one process alone has no use for it.
    from ..front.serving import Service  # noqa: PLC0415 - see above

    prepare_process(settings.stack_mb, 0)
    clock = SystemClock()
    service = Service(settings, clock, lambda store: SmalltalkEngine(clock, store))
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _signal, _frame: service.stop())
        listen_for_hangup(service.stop, lambda: service.reload(read))
        service.start()
        with ExitStack() as monitors:
            http_address = _monitored(monitors, settings.http, service.address, clock)
            _announce(settings, service.address, http_address)
            service.run()
    finally:
        service.close()
    new_logger("server").info("stopped")


def _monitored(ends: ExitStack, http: str, server: str, clock: SystemClock) -> str | None:
    """Open the HTTP port if there is to be one, see `serve_monitors`; return where it listens."""
    if not http:
        return None
    from ..monitoring.http_pages import serve_monitors  # noqa: PLC0415 - most servers have no such port, and all have to start

    return serve_monitors(ends, http, server, clock)


def _announce(settings: Settings, address: str, http_address: str | None) -> None:
    """Say where the server listens, for people and for programs that started it."""
    line = {
        "event": "serving",
        "address": address,
        "data": str(Path(settings.data).resolve()),
        "pid": os.getpid(),
        "version": SERVER_VERSION,
    }
    if http_address is not None:
        line["http"] = http_address
    click.echo(json.dumps(line))
