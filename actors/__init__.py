"""The server itself: threads, sockets, clocks and processes around the wire, the language and the store.

`cli.py` is the way in, `system.py` puts the parts together, `loop/worker.py` is the loop everything runs on. A request
comes in by `traffic`, `sessions` gives it to its session, `running` runs its code, `durability` lets its reply go. Each
row may import those below it, but for types (`floors.toml`); a package's own text says what its modules are. Where what
is:

| about | modules |
|---|---|
| the way in | cli |
| the command line, settings from files and flags | commands |
| several processes | front |
| the parts, put together | system, parts |
| looking after stored sessions, session files | upkeep |
| sessions that hog, lent to a process of their own | lending |
| live sessions and their supervisor | sessions |
| what each operation of the wire does | operations |
| what there is of a session besides its requests | state |
| running code, a slice at a time | running |
| storing before replying | durability |
| counting, measuring, telling monitors | monitoring |
| the process's memory and limits | resources |
| messages in and out, who may ask how much | traffic |
| the loop, and actors on it | loop |
| what all use | settings, limits, errors, clock, logs, loglines, version |
"""
