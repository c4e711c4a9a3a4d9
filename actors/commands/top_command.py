"""The command `stui-server top`: a live table of what a server does, from its operation `health`."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import click
import zmq

from protocol import Failure, Reply, decode_reply, encode_request

from ..clock import SystemClock
from ..settings import ROWS
from ..version import SERVER_NAME

_ADDRESS: Final = next(row.default for row in ROWS if row.name == "bind")
#: How long an answer is waited for, ms; a server that is well answers within some slices.
_PATIENCE_MS: Final = 5_000
_MS_PER_S: Final = 1_000
#: How an address of IPv6 begins; the socket must be told.
_IPV6_PREFIX: Final = "tcp://["


@click.command()
@click.option("--connect", metavar="ADDRESS", default=_ADDRESS, help=f"The server.  [default: {_ADDRESS}]")
@click.option("--every", "every_s", type=click.FloatRange(0.1, 3_600), default=2.0, help="Seconds between two looks.")
@click.option("--once", is_flag=True, help="Show one look and end.")
def top(connect: str, every_s: float, *, once: bool) -> None:
    """Show what a server does, until Ctrl-C."""
    # Only this command draws; a server starts faster without.
    from rich.console import Console  # noqa: PLC0415
    from rich.live import Live  # noqa: PLC0415

    from .topview import Look, view  # noqa: PLC0415

    # The entry's own handler ends the process where it stands, and would leave the terminal on the other screen.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    clock, console, before = SystemClock(), Console(), None
    try:
        with _connected(connect) as socket:
            if once:
                console.print(view(None, Look(_health(socket, connect), clock.monotonic_ns())))
                return
            with Live(console=console, screen=True, auto_refresh=False) as live:
                while True:
                    look = Look(_health(socket, connect), clock.monotonic_ns())
                    live.update(view(before, look), refresh=True)
                    before = look
                    socket.poll(int(every_s * _MS_PER_S))  # nothing comes unasked: this is the pause
    except KeyboardInterrupt:
        return
    except click.ClickException as error:
        click.echo(f"{SERVER_NAME}: {error.message}", err=True)
        sys.exit(1)


@contextmanager
def _connected(address: str) -> Iterator["zmq.Socket[bytes]"]:
    context = zmq.Context()
    socket = context.socket(zmq.REQ)
    socket.setsockopt(zmq.LINGER, 0)
    if address.startswith(_IPV6_PREFIX):
        socket.setsockopt(zmq.IPV6, 1)
    try:
        socket.connect(address)
        yield socket
    except zmq.ZMQError as error:
        why = os.strerror(error.errno or 0)
        text = f"cannot connect to {address}: {why}; an address looks like {_ADDRESS}"
        raise click.ClickException(text) from error
    finally:
        socket.close()
        context.term()


def _health(socket: "zmq.Socket[bytes]", address: str) -> dict[str, Any]:
    """Ask for the server's health."""
    socket.send(encode_request("health", {}, 1))
    if not socket.poll(_PATIENCE_MS):
        raise click.ClickException(f"no answer from {address}; is a server running there? --connect names another")
    reply = decode_reply(socket.recv())
    if not isinstance(reply, Reply) or isinstance(reply.answer, Failure):
        raise click.ClickException(f"{address} does not tell its health: {reply}")
    return reply.answer
