"""A server and a quarantine worker in the test's own thread, and between them what the front does."""

import pytest

from actors.front.letters import LOAN, ORPHANED
from actors.front.quarantine_worker import QuarantineWorker
from actors.lending.letters import OFFER
from actors.traffic.connections import Connections
from tests.actors.fakes.engine import FakeEngine

OWNER = b"0.1"


class QuarantineLink:
    """The quarantine worker's link to a front that is the test."""

    address = "test"

    def __init__(self):
        self.connections = Connections()
        self.on_letter = self.on_stop = None
        self.written = []
        self.figures = None

    def wait(self, timeout_ms):
        """Nothing comes while it sleeps."""

    def receive(self):
        return iter(())

    def flush(self):
        """Everything is sent at once."""

    def send(self, *_):
        raise AssertionError("the quarantine worker answers no client")

    def tell_figures(self, figures):
        self.figures = figures

    def write_of_loan(self, *frames):
        self.written.append(frames)


class Quarantine:
    """The quarantine worker, which may die and be replaced."""

    def __init__(self, server):
        self._server = server
        self.letters = []
        #: How many evaluations it was lent.
        self.offers = 0
        self.worker = None
        self.open()

    @property
    def loans(self):
        return self._server.system.supervisor.parts.loans

    @property
    def guests(self):
        return len(self.worker._guests)

    def open(self):
        self.link = QuarantineLink()
        self.worker = QuarantineWorker(self._server.settings, self._server.clock, self._server.make_engine(), self.link)
        self.meet()

    def meet(self):
        """The server is there, perhaps another than before."""
        self.loans.tell = lambda *letter: self.letters.append(letter)
        self.loans.open()

    def tick(self):
        """Carry the letters and let it work for a tick."""
        if self.worker is None:
            return
        for letter in self._taken(self.letters):
            self.offers += letter[0] == OFFER
            self.link.on_letter(LOAN, (OWNER, *letter))
        self.worker.tick()
        self.carry()

    def carry(self):
        """Take home what it wrote."""
        for owner, *letter in self._taken(self.link.written):
            assert owner == OWNER
            self.loans.take(*letter)

    @staticmethod
    def _taken(letters):
        taken, letters[:] = letters[:], []
        return taken

    def stop_server(self):
        """End the server in good order; while it waits for letters the quarantine worker works."""
        gateway = self._server.system.worker._gateway

        def wait(_timeout_ms):
            self._server.clock.advance(ms=1)
            if self.worker is not None:
                self.tick()

        gateway.wait = wait
        self._server.system.stop()
        self._server.system.run()

    def orphan(self):
        self.link.on_letter(ORPHANED, (OWNER,))

    def die(self):
        self.worker.close()
        self.worker = None
        self.letters.clear()
        self.loans.close()

    def end(self):
        """In good order: it says how far its guests came."""
        self.link.on_stop()
        self.worker.finish()
        self.carry()
        self.die()


@pytest.fixture
def make_engine():
    return FakeEngine


@pytest.fixture
def settings():
    return {}


@pytest.fixture
def server(make_server, make_engine, settings):
    return make_server(make_engine=make_engine, shutdown_grace_s=0.05, **settings)


@pytest.fixture
def quarantine(server):
    quarantine = Quarantine(server)
    own_tick = server.tick

    def tick():
        gateway = server.system.worker._gateway
        is_awaited, gateway.is_awaited = gateway.is_awaited, gateway.is_awaited and not quarantine.loans.count
        own_tick()
        gateway.is_awaited = is_awaited
        quarantine.tick()

    server.tick = tick
    yield quarantine
    if quarantine.worker is not None:
        quarantine.worker.close()


@pytest.fixture
def token(client):
    made = client.create()
    client.evaluate("x = 0", session_id=made)
    return made
