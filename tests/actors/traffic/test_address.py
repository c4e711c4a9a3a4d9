"""Which addresses may be listened on."""

import pytest

from actors.errors import BindError
from actors.traffic.address import check_address


@pytest.mark.parametrize(
    "address",
    ["tcp://127.0.0.1:5555", "tcp://127.8.9.1:0", "tcp://[::1]:5555", "tcp://localhost:5555", "ipc:///tmp/stui"],
)
def test_loopback_is_good(address):
    check_address(address, is_insecure_allowed=False)


@pytest.mark.parametrize(
    "address",
    [
        "tcp://*:5555",
        "tcp://0.0.0.0:5555",
        "tcp://192.168.1.2:5555",
        "tcp://eth0:5555",
        "tcp://[::]:5555",
        "tcp://[x:5555",
    ],
)
def test_other_machines_are_let_in_by_name_only(address):
    with pytest.raises(BindError, match="--insecure-bind"):
        check_address(address, is_insecure_allowed=False)
    check_address(address, is_insecure_allowed=True)


@pytest.mark.parametrize("address", ["", "127.0.0.1:5555", "http://127.0.0.1:80", "tcp://"])
def test_what_is_no_address_is_told(address):
    with pytest.raises(BindError, match="not an address"):
        check_address(address, is_insecure_allowed=True)


@pytest.mark.parametrize("port", ["99999", "65536", "-1", "x", "", "9" * 5000])
def test_what_is_no_port_is_told(port):
    with pytest.raises(BindError, match="between 0 and 65535"):
        check_address(f"tcp://127.0.0.1:{port}", is_insecure_allowed=True)
