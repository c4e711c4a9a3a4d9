"""Memory that nothing uses goes back to the system, also from between what is used."""

import platform

import pytest

from actors.resources.memory_use import give_back, resident_bytes

#: Larger than what Python puts in its own blocks, so that the C library has them; 40 MB in all.
BLOCK_BYTES, BLOCKS = 2_000, 20_000


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library has no such call")
def test_free_pages_between_used_ones_go_back() -> None:
    blocks = [bytes(BLOCK_BYTES) for _ in range(BLOCKS)]
    scattered = blocks[::100]
    full_bytes = resident_bytes()
    del blocks
    give_back()
    assert resident_bytes() < full_bytes - BLOCK_BYTES * BLOCKS // 2
    assert len(scattered) == BLOCKS // 100
