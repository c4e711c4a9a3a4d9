"""Monitoring: what the HTTP port answers, from what the server says of itself.

| path | 200 while | else 503 |
|---|---|---|
| `/live` | the server answers, or has not been silent for long | it hangs, and should be started again |
| `/ready` | it answers within a second and every worker can store | it stops, is overloaded, or its disk failed |
| `/metrics` | it answers within a second | as above; the text is Prometheus' |

Thread: the HTTP port's.
"""

from contextlib import ExitStack

from ..clock import Clock
from .http_port import HttpPort, Response
from .probe import Probe


class Monitoring:
    """The three pages."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe

    def answer(self, path: str) -> Response:
        """Return the page of a path."""
        if path not in ("/live", "/ready", "/metrics"):
            return Response(404, "the pages are /live, /ready and /metrics\n")
        health = self._probe.health()
        if path == "/live":
            return Response(503, "the server hangs\n") if self._probe.is_hanging() else Response(200, "live\n")
        if health is None:
            return Response(503, "the server does not answer in time\n")
        if path == "/metrics":
            # Loaded when it is first wanted: the metrics library would lengthen every start.
            from .exposition import CONTENT_TYPE, exposed  # noqa: PLC0415

            return Response(200, exposed(health["workers"], health.get("quarantine")), CONTENT_TYPE)
        if not all(row["is_ready"] for row in health["workers"]):
            return Response(503, "a store cannot be used\n")
        return Response(200, "ready\n")


def serve_monitors(ends: ExitStack, http: str, server: str, clock: Clock) -> str:
    """Open the HTTP port; return where it listens.

    Args:
        ends: what closes it.
        http: its address, `HOST:PORT`.
        server: where the server listens.
        clock: time.

    Raises:
        StartError: the address is none, or cannot be bound.
    """
    probe = Probe(server, clock)
    ends.callback(probe.close)
    port = HttpPort(http, Monitoring(probe).answer, clock)
    ends.callback(port.close)
    return port.address
