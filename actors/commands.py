"""The commands of the command line: `stui-server serve`, and those of `store_commands.py`.

On stdout comes one line of JSON when the server listens; logs go to stderr. A server that cannot start says why in one
sentence and exits with the code of `errors.py`.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import click

from storage import SqliteStore

from .clock import SystemClock
from .config import load
from .errors import StartError
from .language import SmalltalkEngine
from .logs import configure, new_logger
from .process import prepare_process, settle_memory
from .settings import ROWS, Row, Settings
from .store_commands import STORE_COMMANDS
from .system import System, check_settings
from .version import SERVER_NAME, SERVER_VERSION


def _option(row: Row) -> click.Option:
    """Make the flag of one setting; its value is read and checked by `config.load`."""
    default = ",".join(row.default) if row.kind is tuple else row.default
    doc = f"{row.bounds.doc}  [default: {default}]"
    if row.kind is bool:
        return click.Option([f"{row.flag}/--no-{row.flag[2:]}", row.name], default=None, help=doc)
    return click.Option([row.flag, row.name], metavar="VALUE", help=doc)


@click.group()
@click.version_option(SERVER_VERSION, prog_name=SERVER_NAME)
def run() -> None:
    """STUI Server: durable Smalltalk workspaces as actors behind ZeroMQ."""


for command in STORE_COMMANDS:
    run.add_command(command)


@run.command(params=[_option(row) for row in ROWS])
@click.option("--config", "config_file", metavar="FILE", type=click.Path(path_type=Path), help="TOML file of settings.")
def serve(config_file: Path | None, **flags: Any) -> None:
    """Serve sessions until SIGTERM or SIGINT."""
    try:
        settings = load(config_file, os.environ, flags)
        check_settings(settings)
        _serve(settings)
    except StartError as error:
        click.echo(f"{SERVER_NAME}: {error}", err=True)
        sys.exit(error.exit_code)


def _serve(settings: Settings) -> None:
    """Run one server on this thread."""
    configure(settings.log_format, settings.log_level)
    prepare_process(settings.stack_mb, settings.memory_max_mb)
    clock = SystemClock()
    system = System(
        settings, clock, lambda store: SmalltalkEngine(clock, store), lambda: SqliteStore(Path(settings.data))
    )
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _signal, _frame: system.stop())
        settle_memory()
        _announce(settings, system.address)
        system.run()
    finally:
        system.close()
    new_logger("server").info("stopped")


def _announce(settings: Settings, address: str) -> None:
    """Say where the server listens, for people and for programs that started it."""
    line = {
        "event": "serving",
        "address": address,
        "data": str(Path(settings.data).resolve()),
        "pid": os.getpid(),
        "version": SERVER_VERSION,
    }
    click.echo(json.dumps(line))
