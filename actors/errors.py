"""Why the server does not start: each reason is one plain sentence and an exit code of its own.

| exit code | reason |
|---|---|
| 2 | a flag, environment variable or configuration file is wrong (also click's own usage errors) |
| 3 | the address is in use, cannot be bound, or would be open to the network without authentication |
| 4 | the data directory cannot be used: not writable, of a newer version, damaged, in use by another server |
"""


class StartError(Exception):
    """The server cannot start. The message is one sentence for the operator, without a traceback."""

    exit_code = 1


class ConfigError(StartError):
    """A setting is unknown, of the wrong type or out of bounds, or the configuration file cannot be read."""

    exit_code = 2


class BindError(StartError):
    """The address cannot be bound, or must not be without the operator saying so by name."""

    exit_code = 3


class DataError(StartError):
    """The data directory cannot be used."""

    exit_code = 4
