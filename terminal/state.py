"""What the console remembers between runs: a client's last session on each server, its debugger, the lines typed.

    ~/.local/state/stui/console.json    {"version": 1, "sessions": {"<client id>": {"<url>": "<session id>"}},
                                         "debuggers": {"<client id>": {"<url>": ["<session id>", "<context>", frame]}}}
    ~/.local/state/stui/history         what prompt_toolkit keeps

The folder is readable by its owner only: a session's id is all that it takes to reach the session. A damaged file
counts as empty, for nothing in it cannot be asked of the server again; it is replaced as a whole, never half.
"""

import json
import os
from pathlib import Path
from typing import Any, Final, NamedTuple

_VERSION: Final = 1
_KINDS: Final = ("sessions", "debuggers")


class OpenDebugger(NamedTuple):
    """Where a debugger stands: the session, the computation in it, the frame of that."""

    session_id: str
    context_id: str
    frame: int


def default_folder() -> Path:
    """Return where state belongs according to the XDG base directory specification."""
    base = os.environ.get("XDG_STATE_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".local" / "state") / "stui"


class State:
    """The folder and what is in it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.history_file = folder / "history"
        self._file = folder / "console.json"

    def last_session(self, client_id: str, url: str) -> str | None:
        """Return the session that a client last used on a server."""
        session_id = self._kept("sessions").get(client_id, {}).get(url)
        return session_id if isinstance(session_id, str) else None

    def remember(self, client_id: str, url: str, session_id: str | None) -> None:
        """Note the session that a client uses on a server, None for none any more."""
        self._note("sessions", client_id, url, session_id)

    def open_debugger(self, client_id: str, url: str) -> OpenDebugger | None:
        """Return where a client's debugger stood on a server, if it was left open."""
        match self._kept("debuggers").get(client_id, {}).get(url):
            case [str(session_id), str(context_id), int(frame)]:
                return OpenDebugger(session_id, context_id, frame)
        return None

    def remember_debugger(self, client_id: str, url: str, debugger: OpenDebugger | None) -> None:
        """Note where a client's debugger stands on a server, None for nowhere."""
        if debugger != self.open_debugger(client_id, url):
            self._note("debuggers", client_id, url, debugger)

    def _note(self, kind: str, client_id: str, url: str, value: object) -> None:
        """Keep one value of a client on a server; None forgets it."""
        kept = {each: self._kept(each) for each in _KINDS}
        of_client = kept[kind].setdefault(client_id, {})
        if value is None:
            of_client.pop(url, None)
        else:
            of_client[url] = value
        draft = self._file.with_suffix(f".{os.getpid()}")
        try:
            draft.write_text(json.dumps({"version": _VERSION, **kept}, indent=1), "utf-8")
            draft.replace(self._file)
        except OSError as error:  # of a full disk it does not say which file it is about
            raise OSError(error.errno, error.strerror, str(self._file)) from error

    def _kept(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return all that is remembered of one kind."""
        try:
            content = json.loads(self._file.read_text("utf-8"))
            kept = content.get(kind, {}) if content["version"] == _VERSION else {}
            return {name: dict(urls) for name, urls in kept.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}
