"""The server itself: threads, sockets, clocks and processes around the wire, the language and the store.

`cli.py` is the way in, `system.py` puts the parts together, `worker.py` is the loop everything runs on. Where what is:

| about | modules |
|---|---|
| starting, settings | cli, commands, config, settings, limits, address, process, errors, reload, hangup, version |
| the parts and their loop | system, parts, worker, clock, wakeup, postbox, collector, logs, loglines |
| messages in and out | door, gateway, peers, connections, backlog, unwritten, reception, gate, events |
| requests | call, exactly_once, admission, fairness, buckets, refusals, bursts, operations |
| actors | pooled, inbox, dispatcher, supervisor_actor, session_actor |
| sessions | supervisor, roster, census, session, session_state, session_background, session_stops, stopped, metadata |
| running code | scheduler, evaluator, settlement, usage, preempt, background, alarms, engine, language, host |
| bounds on a session | weights, quotas, restart, running_mark, quarantine |
| while nobody waits | sweep, retention, archive, eviction, memory_use, autosave, returning |
| storing | keeper, encoding, shards, sharded_store |
| several processes | front, lending |
| watching | counters, measures, health, monitoring, http_port, exposition, probe, top_command, topview, amounts |
| commands on stored sessions | store_commands, session_commands, opened_data, session_listing, code_file, progress |
| session files | session_files, imported_notes, errands, session_errands |
"""
