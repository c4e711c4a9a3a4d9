"""What the console remembers between runs: a client's last session on each server, and the lines typed.

    ~/.local/state/stui/console.json    {"version": 1, "sessions": {"<client id>": {"<url>": "<session id>"}}}
    ~/.local/state/stui/history         what prompt_toolkit keeps

The folder is readable by its owner only: a session's id is all that it takes to reach the session. A damaged file
counts as empty, for nothing in it cannot be asked of the server again; it is replaced as a whole, never half.
"""

import json
import os
from pathlib import Path
from typing import Any, Final

_VERSION: Final = 1


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
        session_id = self._sessions().get(client_id, {}).get(url)
        return session_id if isinstance(session_id, str) else None

    def remember(self, client_id: str, url: str, session_id: str | None) -> None:
        """Note the session that a client uses on a server, None for none any more."""
        sessions = self._sessions()
        of_client = sessions.setdefault(client_id, {})
        if session_id is None:
            of_client.pop(url, None)
        else:
            of_client[url] = session_id
        draft = self._file.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps({"version": _VERSION, "sessions": sessions}, indent=1), "utf-8")
        draft.replace(self._file)

    def _sessions(self) -> dict[str, dict[str, Any]]:
        """Return all that is remembered."""
        try:
            content = json.loads(self._file.read_text("utf-8"))
            sessions = content["sessions"] if content["version"] == _VERSION else {}
            return {name: dict(urls) for name, urls in sessions.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}
