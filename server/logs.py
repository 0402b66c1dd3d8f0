"""Logs: a line of JSON each, on standard error."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.tracebacks import ExceptionDictTransformer

_stream = sys.stderr


def write_line(line: str) -> None:
    """Writes *line*, which ends with a newline, where the loggers' lines go."""
    _stream.write(line)


def log_to_stderr() -> None:
    """Sends every logger's lines there, with the time in UTC."""
    global _stream  # noqa: PLW0603 - the process has one log
    _stream = sys.stderr
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Without locals: they hold passwords and tokens.
            structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
