"""Reloading: SIGHUP makes a server that runs read its configuration file again.

A file that is wrong changes nothing. What changed is logged, what waits for the next start as well.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import ConfigError
from ..logs import new_logger, set_level
from ..settings import Settings

if TYPE_CHECKING:
    from ..system import System

_log = new_logger("reload")


def reload(system: "System", read: Callable[[], Settings]) -> None:
    """Take over what may change at run time. Thread: the loop; it reads one small file.

    Args:
        system: the server.
        read: reads the settings anew; may raise ConfigError.
    """
    try:
        settings = read()
    except ConfigError as error:
        _log.error("the settings were not read again", reason=str(error))
        return
    changed, waiting = system.reload(settings)
    set_level(settings.log_level)
    _log.info("the settings were read again", changed=changed, waiting_for_a_start=waiting)
