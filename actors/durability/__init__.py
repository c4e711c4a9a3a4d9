"""What is stored before anybody hears of it: one commit a tick, then the replies and events that tell of it.

| about | modules |
|---|---|
| the only writer of the store | keeper, encoding |
| what waits for the commit | gate, events, kept_events |
| repeats of a request | exactly_once |
| which store has which session | shards, sharded_store |
| the bound on what is stored | quotas |
| who ran when a process died | running_mark |
"""
