"""The front: several worker processes behind one socket.

    clients -- ROUTER tcp -- front -- Unix sockets -- worker 0 (shards 0, N, ...), worker 1, ...
                               |
                               |                  +-- quarantine worker: evaluations that hog (`lending`)
                               |
                            nursery: forks the workers, and tells when one ended

The front runs no user code and opens no store: it reads what a request asks, gives it to the worker that owns the
client's shard, and carries the reply back. The nursery is a process without threads and sockets of ZeroMQ, loaded with
everything a worker needs, so that a worker is there some milliseconds after the one before it died.

| about | modules |
|---|---|
| putting it together, the loop | serving, front |
| requests on their way | dispatch, flights, held, routes, gathering, subscriptions, answers |
| the workers' processes | nursery, workforce, beats, member, quarantine_worker |
| what front and worker write to each other | letters, stream, exchange, link, turns |
| short waits for the processor | slices |
"""
