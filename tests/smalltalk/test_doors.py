"""Front doors: what a start does without is loaded when it is first asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

import smalltalk
import storage
from smalltalk import tools
from smalltalk.primitives import rx


@pytest.mark.parametrize("package", [smalltalk, tools, rx, storage], ids=lambda package: package.__name__)
def test_every_name_of_a_door_is_there(package) -> None:
    assert {name for names in package._LATER.values() for name in names} <= set(package.__all__)
    assert all(getattr(package, name) is not None for name in package.__all__)


@pytest.mark.parametrize("package", [smalltalk, storage], ids=lambda package: package.__name__)
def test_a_name_that_no_door_has_is_refused_as_any_module_does(package) -> None:
    with pytest.raises(AttributeError, match=f"module '{package.__name__}' has no attribute 'nonsense'"):
        _ = package.nonsense


def test_a_start_loads_nothing_that_is_left_for_later_and_load_all_everything() -> None:
    # A process of its own: here the tests have long loaded everything.
    program = """
import sys
import actors.commands.serve, smalltalk, storage
from smalltalk import doors
left = [f"storage.{name}" for name in storage._LATER] + doors._LEFT
of_actors = (
    "commands.store_commands",
    "commands.session_commands",
    "commands.top_command",
    "monitoring.http_pages",
    "upkeep.archive",
    "upkeep.session_errands",
)
left += [f"actors.{name}" for name in of_actors]
left += ["hashlib", "fractions", "tomllib", "shutil", "structlog", "rich", "prometheus_client"]
print([name for name in left if name in sys.modules])
smalltalk.load_all()
print([name for name in doors._LEFT if name not in sys.modules])
"""
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n[]\n"
