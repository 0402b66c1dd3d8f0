"""What the caller can mend, as every payload carries it."""

from __future__ import annotations

import strawberry

from models.enums import Locale
from models.spelling import camel
from resolvers.refusal import AsGiven, Refusal
from schema.enums import ErrorCode


@strawberry.type(description="Something the caller can mend.")
class UserError:
    path: list[str] = strawberry.field(
        description=(
            'Where in the input, from its root: `["contacts", "0", "contact", "new", "email"]`.'
        )
    )
    code: ErrorCode = strawberry.field(description="What kind of thing there is to mend.")
    message: str = strawberry.field(description="For people, in the caller's language.")


def told(refusal: Refusal, locale: Locale) -> UserError:
    """A refusal, in the caller's language and with the input's own names."""
    return UserError(
        path=[_spelled(step) for step in refusal.place],
        code=refusal.code,
        message=refusal.message(locale),
    )


def _spelled(step: str | int) -> str:
    return str(step) if isinstance(step, (int, AsGiven)) else camel(step)
