"""Settings from file, environment and flags."""

import os
import subprocess
import sys
import tomllib
from dataclasses import asdict
from pathlib import Path

import pytest

from actors.commands.config import load, reference_page
from actors.errors import ConfigError
from actors.settings import ROWS, Settings
from actors.version import SERVER_NAME, SERVER_VERSION

ROOT = Path(__file__).parents[3]


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "server.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_without_sources_everything_has_its_default():
    assert asdict(load(None, {}, {})) == asdict(Settings())


def test_flags_win_over_the_environment_and_that_over_the_file(write):
    path = write('cpu_budget_ms = 100\nsweep_s = 7\nretention_days = 2.5\nallow_clients = ["ann", "ben"]\n')
    environment = {"STUI_CPU_BUDGET_MS": "200", "STUI_SWEEP_S": "8", "STUI_INSECURE_BIND": "yes", "HOME": "/"}
    settings = load(path, environment, {"cpu_budget_ms": "300", "data": None, "deny_clients": "eve, mallory"})
    assert (settings.cpu_budget_ms, settings.sweep_s, settings.retention_days) == (300, 8.0, 2.5)
    assert (settings.allow_clients, settings.deny_clients) == (("ann", "ben"), ("eve", "mallory"))
    assert settings.insecure_bind is True


def test_empty_takes_back_an_address_that_need_not_be(write):
    assert load(write('http = "127.0.0.1:80"'), {"STUI_HTTP": ""}, {}).http == ""


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("nothing_known = 1", "unknown setting 'nothing_known'; the settings are bind,"),
        ("wrokers = 1", "did you mean workers?"),
        ("cpu_budget_ms = 1", "between 10 and"),
        ('cpu_budget_ms = "many"', "must be a whole number"),
        ("cpu_budget_ms = true", "must be a whole number"),
        ("sweep_s = nan", "between 0.01"),
        ('log_format = "xml"', "one of console, json"),
        ('bind = ""', "not empty"),
        ("allow_clients = [1]", "list of texts"),
        ("insecure_bind = 1", "true or false"),
        ("= 1", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_told_in_one_sentence(write, text, names):
    with pytest.raises(ConfigError, match=names):
        load(write(text), {}, {})


@pytest.mark.parametrize(
    ("name", "text"), [("STUI_WORKERS", "two"), ("STUI_INSECURE_BIND", "perhaps"), ("STUI_SLICE_MS", "x")]
)
def test_a_wrong_environment_names_its_variable(name, text):
    with pytest.raises(ConfigError, match=name):
        load(None, {name: text}, {})


def test_a_variable_that_is_almost_a_settings_is_refused_and_no_other():
    with pytest.raises(ConfigError, match="did you mean STUI_WORKERS"):
        load(None, {"STUI_WROKERS": "2"}, {})
    others = {"STUI_THEME": "dark", "STUI_SUSPENSION_PERCENT": "100", "WORKERS": "2"}
    assert asdict(load(None, others, {})) == asdict(Settings())


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ConfigError, match="Cannot read"):
        load(tmp_path / "none.toml", {}, {})


def test_the_issues_flags_are_there():
    flags = {row.flag for row in ROWS}
    assert flags >= {
        "--bind",
        "--data",
        "--workers",
        "--idle-timeout",
        "--sweep",
        "--retention-days",
        "--sessions-per-client",
        "--cpu-budget-ms",
    }


def test_the_page_shows_every_setting_and_is_up_to_date():
    page = reference_page()
    assert all(f"| `{row.name}` |" in page for row in ROWS)
    assert (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8") == page


def test_the_page_is_printed_by_its_module():
    printed = subprocess.run(
        [sys.executable, "-m", "actors.commands.config"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    assert printed.stdout == reference_page()


def test_the_version_is_that_of_the_project_file():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (project["name"], project["version"]) == (SERVER_NAME, SERVER_VERSION)
