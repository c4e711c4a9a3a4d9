"""Structured logs on stderr: one event a line, for people or as JSON.

No line is written on the path of a request that goes well: a line costs as much as a quarter of the request. stdout
belongs to the one line that says where the server listens.
"""

import logging
import sys
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from structlog.typing import Processor

Logger = structlog.stdlib.BoundLogger


def configure(log_format: str, log_level: str) -> None:
    """Set up logging for the whole process: ours by structlog, the libraries' (pykka) through the same output.

    Args:
        log_format: `console` or `json`.
        log_level: least severe level shown.
    """
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: list[Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if log_format == "json"
        else [_console()]
    )
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=log_level.upper(), force=True)
    # pykka tells every start and stop of an actor at debug level, and formats the line before it looks at the level.
    logging.getLogger("pykka").setLevel(logging.WARNING)


def _console() -> structlog.dev.ConsoleRenderer:
    """Return the renderer for people; its tracebacks show no local variables, which hold what sessions contain."""
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)


def new_logger(name: str) -> Logger:
    """Return the logger of one part of the server."""
    logger: Logger = structlog.stdlib.get_logger(name)
    return logger
