"""Payloads that several subjects share."""

from __future__ import annotations

import strawberry

from schema.errors import UserError
from schema.fields import errors_field


@strawberry.type(description="What was deleted.")
class DeletePayload:
    deleted_id: strawberry.ID | None = strawberry.field(
        default=None, description="The id that is no more; null where nothing was deleted."
    )
    touched: int | None = strawberry.field(
        default=None,
        description="How many other things lost it: the accounts and contacts that carried a tag, "
        "or had a value of a custom field. Null where nothing else can be touched.",
    )
    errors: list[UserError] = errors_field()
