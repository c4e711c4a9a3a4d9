"""Live sessions: who gets a request, what waits for it and runs, and what becomes of failures.

`reception.py` gives each request to its session's actor or to the supervisor's; both are thin shells around
plain objects of the same name.

| about | modules |
|---|---|
| where requests enter | reception |
| which sessions live | supervisor, supervisor_actor, roster, census |
| one of them | session, session_actor, session_background, settlement |
| over the server's end | session_stops, alarms |
| failures | restart |
"""
