"""What whoever runs the command line can mend, in a sentence that holds no secret."""

from __future__ import annotations

from alembic.util import CommandError
from asyncpg import InterfaceError, PostgresError
from sqlalchemy.exc import DBAPIError

from migrations.shape import MissingExtension
from models.enums import Locale
from resolvers.refusal import Refused
from server.settings import BadSetting
from tenancy.database import UnsafeRole
from tenancy.outage import Unavailable


def sentence(error: Exception) -> str | None:
    """What to tell about *error*; None where it is a mistake of ours."""
    if isinstance(error, (BadSetting, UnsafeRole, CommandError, MissingExtension)):
        return str(error)
    if isinstance(error, Refused):
        return "\n".join(
            f"{'.'.join(str(step) for step in refusal.place)}: {refusal.message(Locale.EN)} "
            f"[{refusal.code}]"
            for refusal in error.refusals
        )
    if isinstance(error, Unavailable) and isinstance(error.__cause__, Exception):
        return sentence(error.__cause__) or "The database cannot be had now."
    if isinstance(error, DBAPIError):
        # Without the statement and its parameters.
        return f"The database refused: {str(error.orig).rpartition(chr(62) + ': ')[2]}"
    if isinstance(error, (PostgresError, InterfaceError)):
        return f"The database refused: {error}"
    if isinstance(error, OSError):
        return f"{error.strerror or error}" + (f": {error.filename}" if error.filename else "")
    return None
