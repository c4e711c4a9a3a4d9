"""A server that answers by a script: a ROUTER in a thread, made of the real protocol and nothing else."""

import threading
import time
from collections import Counter, defaultdict, deque

import zmq

from protocol import (
    OPERATIONS,
    Event,
    Failure,
    decode,
    describe,
    encode_event,
    encode_failure,
    encode_result,
    join_envelope,
    split_envelope,
)
from tests.terminal.debug_answers import DEBUG_ANSWERS, NOTHING_WAITS

STAMP = "2025-01-02T10:30:00.000+00:00"
SILENT = "answers nothing"
LOST = "does it, and loses the connection before the answer goes out"
GARBAGE = "answers what is no message"
STRAY = "answers another request before"
METADATA = {
    "session_id": "session_1",
    "client_id": "ann",
    "created_at": STAMP,
    "last_modified": STAMP,
    "timeout": 3600,
    "expires_at": STAMP,
    "is_active": True,
    "capabilities": [],
    "client_isolation": "enabled",
    "max_concurrent_clients": 10,
}
INSPECTOR = {
    "session_id": "session_1",
    "path": [{"object_id": "1", "label": "Account new"}, {"object_id": "i:0", "label": "balance"}],
    "index": 1,
    "selected_object": None,
    "view": {"name": "default", "settings": {}},
    "views": [],
}
SHOWN = {
    "object_info": {
        "class_name": "Account",
        "string_representation": "an Account",
        "hash": 5,
        "size": 0,
        "object_id": "1",
    },
    "instance_vars": {"balance": "42"},
    "children": [{"name": "balance", "class_name": "SmallInteger", "string_representation": "42", "object_id": "i:42"}],
    "total_children": 1,
}
VARIABLE = {"name": "x", "class_name": "SmallInteger", "text": "42", "object_id": "i:42", "tool_id": ""}
ANSWERS = {
    "ping": {
        "message": "pong",
        "status": "ready",
        "uptime": 7,
        "server": "stui-server",
        "version": "0.1.0",
        "protocol": "1.0.0",
    },
    "describe": describe(),
    "create_session": METADATA,
    "restore_session": {
        **METADATA,
        "session_state": {"pane": 1},
        "workspace_context": {"variables": [VARIABLE]},
        "view": INSPECTOR,
        "define_view": INSPECTOR,
        "inspector_state": INSPECTOR,
        "object_registry": {"1": "an Account"},
        "error_state": NOTHING_WAITS,
    },
    "update_session_state": {
        "session_id": "session_1",
        "last_modified": STAMP,
        "session_state": {"pane": 2},
        "update_successful": True,
    },
    "close_session": {"session_id": "session_1", "closed": True},
    "get_session_info": {**METADATA, "time_until_expiry": 9, "is_expired": False, "hibernated": True},
    "list_client_sessions": {"client_id": "ann", "session_count": 1, "sessions": [METADATA]},
    "evaluate": {
        "result": "7",
        "result_type": "SmallInteger",
        "execution_time": 0,
        "has_error": False,
        "object_id": "i:7",
        "session_id": "session_1",
    },
    "complete": {
        "suggestions": [
            {"text": "Account", "kind": "class", "signature": "Object subclass: #Account", "doc": "Money."}
        ],
        "start": 0,
        "session_id": "session_1",
    },
    "read_text": {"text": "some", "offset": 0, "total": 4, "session_id": "session_1"},
    "interrupt": {"session_id": "session_1", "interrupted": True},
    "history": {
        "total": 1,
        "entries": [
            {"seq": 1, "code": "3 + 4", "result": "7", "timestamp": STAMP, "execution_time": 0, "has_error": False}
        ],
        "session_id": "session_1",
    },
    "inspect": {**SHOWN, "session_id": "session_1"},
    "navigate": {**INSPECTOR, **SHOWN},
    "select": {**INSPECTOR, **SHOWN, "selected_object": "balance"},
    "view": INSPECTOR,
    "define_view": INSPECTOR,
    "inspector_state": INSPECTOR,
    "file_in": {
        "classes": ["Account"],
        "methods": ["Account>>#balance"],
        "expressions": 1,
        "errors": [
            {"line": 9, "column": 4, "class": "Account", "selector": "bad", "message": "no", "suggestion": "write it"}
        ],
        "transcript": "filed\n",
        "session_id": "session_1",
    },
    "file_out": {"text": "Class { #name : #Account }\n", "format": "tonel", "session_id": "session_1"},
    "run_tests": {
        "summary": "2 ran, 1 passed",
        "has_passed": False,
        "run_count": 2,
        "problems": [
            {
                "class": "AccountTest",
                "selector": "testTwo",
                "kind": "failure",
                "error_class": "TestFailure",
                "message": "Assertion failed",
                "stack": ["AccountTest>>testTwo line 2"],
            }
        ],
        "session_id": "session_1",
    },
    "method_versions": {
        "versions": [
            {"version_id": 0, "source": "a ^ 2", "category": "x", "change": None, "replaced_at": None},
            {"version_id": 7, "source": "a ^ 1", "category": "x", "change": "replaced", "replaced_at": STAMP},
        ],
        "removed": ["gone"],
        "session_id": "session_1",
    },
    "restore_method": {"method": {"source": "a ^ 1"}, "session_id": "session_1"},
    "save_context": {"session_id": "session_1", "name": "before", "saved_at": STAMP, "size_bytes": 99},
    "load_context": {"session_id": "session_1", "name": "before", "loaded": True},
    "clear_context": {"session_id": "session_1", "name": "before", "cleared": True},
    "undo": {"session_id": "session_1", "before": 1, "code": "3 + 4", "seq": 1, "savepoint": "auto-1"},
    "diff": {
        "session_id": "session_1",
        "variables": {"added": ["x"], "removed": [], "changed": []},
        "classes": {"added": [], "removed": ["Account"], "changed": []},
        "methods": {"added": [], "removed": [], "changed": ["Till>>price:"]},
        "objects": {"added": 1, "removed": 0, "changed": 1},
        "is_complete": True,
    },
    "get_context_summary": {
        "session_id": "session_1",
        "contexts": [{"name": "before", "saved_at": STAMP, "size_bytes": 99}],
    },
    "get_method": {"method": {"source": "bar\n\t^ 1", "category": "it's"}, "session_id": "session_1"},
    "subscribe": {"session_id": "session_1", "events": ["transcript"], "seq": 100},
}


def usual_answer(request):
    """What a request is answered without a script."""
    if request.operation == "debug":
        return DEBUG_ANSWERS[request.parameters["operation"]]
    return ANSWERS[request.operation]


class FakeServer:
    """Answers from `ANSWERS`, unless `script` says what else to do with the next requests of an operation.

    Attributes:
        script: By operation, what to do with each of its next requests: a result, a `Failure`, `SILENT`, `LOST`,
            `GARBAGE` or `STRAY`.
        requests: Everything that was understood, in order.
        effects: How often each op_id was done; a repeat of one that was done is answered without doing it.
    """

    def __init__(self, host="127.0.0.1"):
        self._host = host
        self.script = defaultdict(deque)
        self.requests = []
        self.effects = Counter()
        self.arrived = threading.Condition()
        self._outgoing = deque()
        self._subscriber = None
        self._context = zmq.Context()
        self._port = self._starts = 0
        self.start()

    def start(self):
        """Listen, after `stop` at the same address as before."""
        self._listen()
        self._bell, self._rope = self._context.socket(zmq.PAIR), self._context.socket(zmq.PAIR)
        # A name for each start: ZeroMQ gives the former one free in a thread of its own, some time after the close.
        self._starts += 1
        self._bell.bind(f"inproc://bell-{self._starts}")
        self._rope.connect(f"inproc://bell-{self._starts}")
        self._thread = threading.Thread(target=self._serve, name="fake server")
        self._thread.start()

    def _listen(self):
        self._network = zmq.Context()
        self._router = self._network.socket(zmq.ROUTER)
        self._router.setsockopt(zmq.IPV6, ":" in self._host)
        self._bind(f"tcp://{self._host}:{self._port or '*'}")
        self.url = self._router.getsockopt_string(zmq.LAST_ENDPOINT)
        self._port = int(self.url.rpartition(":")[2])

    def _bind(self, address):
        """Take the port; a connection of another process may have it as its own end, for a moment."""
        while True:
            try:
                return self._router.bind(address)
            except zmq.ZMQError as error:
                if error.errno != zmq.EADDRINUSE:
                    raise
                time.sleep(0.01)  # noqa: TID251 - nothing tells when another process lets go of a port

    def stop(self):
        """Lose all connections, answer nothing more."""
        if self._thread.is_alive():
            self._rope.send(b"stop")
        self._thread.join()
        self._rope.close(0)

    def close(self):
        if not self._rope.closed:
            self.stop()
        self._context.destroy(0)

    def tell(self, seq, name="transcript", data=None, session_id="session_1"):
        """Send an event to whom subscribed last."""
        self._outgoing.append(Event(name, session_id, seq, data or {"text": f"text {seq}\n"}, STAMP))
        self._rope.send(b"tell")

    def wait_for(self, operation, count=1):
        """Wait until requests of an operation have arrived; the test's own time limit bounds it."""
        with self.arrived:
            self.arrived.wait_for(lambda: self.count(operation) >= count)

    def count(self, operation):
        return sum(request.operation == operation for request in self.requests)

    def _serve(self):
        try:
            self._answer_all()
        finally:  # also after a defect of this server: a socket left open would keep the test from ending
            self._bell.close(0)
            self._hang_up()

    def _answer_all(self):
        poller = zmq.Poller()
        poller.register(self._bell, zmq.POLLIN)
        while True:
            poller.register(self._router, zmq.POLLIN)
            ready = dict(poller.poll())
            if self._bell in ready:
                if self._bell.recv() == b"stop":
                    return
                envelope, form = self._subscriber
                self._router.send_multipart(join_envelope(envelope, encode_event(form, self._outgoing.popleft())))
            if self._router in ready:
                lost = self._answer(*split_envelope(self._router.recv_multipart()))
                if lost:
                    poller.unregister(self._router)
                    self._hang_up()
                    self._listen()

    def _hang_up(self):
        """Close the port and all connections; a context's end waits until that is so."""
        self._router.close(0)
        self._network.term()

    def _answer(self, envelope, body):
        """Answer one request; True to lose the connections."""
        request = decode(body)
        operation, steps = request.operation, self.script[request.operation]
        is_repeat = request.op_id is not None and self.effects[request.op_id] > 0
        step = steps.popleft() if steps and not is_repeat else usual_answer(request)
        if OPERATIONS[operation].mutates and not is_repeat and step is not SILENT:
            self.effects[request.op_id] += 1
        if operation == "subscribe":
            self._subscriber = (envelope, request.form)
        with self.arrived:
            self.requests.append(request)
            self.arrived.notify_all()
        if step is STRAY:
            stray = encode_result(request.form._replace(reply_id=-1), operation, {"message": "stray"}, STAMP)
            self._router.send_multipart(join_envelope(envelope, stray))
            step = usual_answer(request)
        if step is GARBAGE:
            self._router.send_multipart(join_envelope(envelope, b"{}"))
        elif isinstance(step, Failure):
            self._router.send_multipart(join_envelope(envelope, encode_failure(request.form, step, STAMP)))
        elif isinstance(step, dict):
            self._router.send_multipart(join_envelope(envelope, encode_result(request.form, operation, step, STAMP)))
        return step is LOST
