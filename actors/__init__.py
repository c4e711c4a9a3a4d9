"""The server itself: threads, sockets, clocks and processes around the wire, the language and the store.

`cli.py` is the way in, `system.py` puts the parts together, `worker.py` is the loop everything runs on.
"""
