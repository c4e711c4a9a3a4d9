"""The command line: `stui-server serve` and all other commands, and what they read before anything runs.

| about | modules |
|---|---|
| serving; the names of all commands | serve |
| settings from file, environment and flags | config |
| SIGHUP | hangup, reload |
| `stui-server top` | top_command, topview |
| commands on stored sessions | store_commands, session_commands |
| what those use | code_file, progress |
"""
