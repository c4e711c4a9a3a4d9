"""Looking after stored sessions: between requests, and for an operator, whether a server runs or not.

A command asks a server that runs by an errand, which a file in the data directory carries.

| about | modules |
|---|---|
| while nobody waits | sweep, archive |
| what an operator asks of a server that runs | errands, session_errands |
| session files | session_files, imported_notes |
| stored data that a command opens and lists | opened_data, session_listing, amounts |
"""
