"""Notices: writing to the contacts of an account."""

from __future__ import annotations

import strawberry

from resolvers import notices
from schema.context import Info, write
from schema.errors import UserError
from schema.fields import errors_field, mutation, optional


@strawberry.input(description="What the contacts of an account are told.")
class NotifyAccountInput:
    account_id: strawberry.ID = strawberry.field(description="The account.")
    subject: str = strawberry.field(
        description="The mail's subject, one line of 150 characters at most."
    )
    body: str = strawberry.field(
        description="What it says, as plain text with line breaks, 10,000 characters at most."
    )
    idempotency_key: str | None = optional(
        "The same key with the same input answers the same again and sends nothing; kept for "
        "24 hours."
    )


@strawberry.type(description="Who was told.")
class NotifyAccountPayload:
    count: int = strawberry.field(default=0, description="How many contacts were told.")
    errors: list[UserError] = errors_field()


@strawberry.type
class NoticeMutation:
    @mutation(notices.notify_account)
    async def notify_account(self, info: Info, input: NotifyAccountInput) -> NotifyAccountPayload:
        """Needs MANAGE_ACCOUNTS. Tells the contacts of an account that have NOTIFY on: sends a
        mail to each address, in the language of whoever reads it, with the way to the account in
        the portal where they have LOGIN. Contacts who share an address get one mail."""
        return await write(info, NotifyAccountPayload, input)
