"""Which addresses the server may listen on, and why not the others.

Without authentication a client id is a name and not a proof, so the boundary of the server is the machine's user:
loopback only, unless the operator allows more by name.
"""

from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from ..errors import BindError

#: Transports that never leave the machine.
_LOCAL_SCHEMES: Final = frozenset({"ipc", "inproc"})
#: Highest number of a TCP port.
_PORT_MAX: Final = 65_535


def check_address(address: str, *, is_insecure_allowed: bool) -> None:
    """Refuse an address that is none, or that other machines could reach.

    Args:
        address: as ZeroMQ writes it, `tcp://127.0.0.1:5555`.
        is_insecure_allowed: the operator named `--insecure-bind`.

    Raises:
        BindError: in one sentence.
    """
    scheme, _, rest = address.partition("://")
    if scheme not in _LOCAL_SCHEMES | {"tcp"} or not rest:
        raise BindError(f"'{address}' is not an address to listen on; write it like tcp://127.0.0.1:5555.")
    if scheme == "tcp":
        _check_port(address)
    if scheme in _LOCAL_SCHEMES or is_insecure_allowed or _is_loopback(address):
        return
    raise BindError(
        f"{address} could be reached from other machines and there is no authentication yet;"
        " listen on tcp://127.0.0.1:PORT, or allow it by name with --insecure-bind."
    )


def _check_port(address: str) -> None:
    """Refuse a port that is none; a `*`, for a free one, is left to ZeroMQ."""
    port = address.rpartition(":")[2]
    if port != "*" and not is_port(port):
        raise BindError(f"'{address}' names no port between 0 and {_PORT_MAX}; write it like tcp://127.0.0.1:5555.")


def _is_loopback(address: str) -> bool:
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return False
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        # A wildcard or the name of an interface: reachable as far as we know.
        return False


def is_port(text: str) -> bool:
    """Return whether a text is the number of a port."""
    return text.isascii() and text.isdecimal() and len(text) <= len(str(_PORT_MAX)) and int(text) <= _PORT_MAX
