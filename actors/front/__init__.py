"""The front: several worker processes behind one socket.

    clients -- ROUTER tcp -- front -- Unix sockets -- worker 0 (shards 0, N, ...), worker 1, ...
                               |
                            nursery: forks the workers, and tells when one ended

The front runs no user code and opens no store: it reads what a request asks, gives it to the worker that owns the
client's shard, and carries the reply back. The nursery is a process without threads and sockets of ZeroMQ, loaded with
everything a worker needs, so that a worker is there some milliseconds after the one before it died.
"""
