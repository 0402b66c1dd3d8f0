"""The three switches of many contacts in accounts at once."""

from __future__ import annotations

import strawberry

from resolvers import switches
from schema.account_contacts import AccountContact
from schema.accounts import AccountFilter
from schema.context import Info, write
from schema.errors import UserError
from schema.fields import errors_field, given, mutation, optional
from schema.invitations import InviteInput


@strawberry.input(
    description="Changes to many contacts in accounts. A switch that is left out or null stays as "
    "it is."
)
class UpdateAccountContactsInput:
    dry_run: bool = given(
        "Only says how many would be changed, and who would be written to; writes nothing and "
        "sends nothing.",
        False,
    )
    account_contact_ids: list[strawberry.ID] | None = optional("These, 10,000 at most…")
    filter: AccountFilter | None = optional(
        "…or every contact in the accounts that this filter finds, 10,000 contacts at most."
    )
    login: bool | None = optional(
        "May enter the portal to the account. On, it needs an e-mail address: of those that a "
        "filter finds, who has none is left out of it."
    )
    notify: bool | None = optional("Receives the system's notifications about the account.")
    sync: bool | None = optional("E-mail with the contact is shown in the account.")
    invite: InviteInput | None = optional(
        "Sends invitations in the same step: to all that are named, or, with a filter, to those "
        "whom LOGIN is turned on for by this."
    )
    idempotency_key: str | None = optional(
        "The same key with the same input answers the same again and sends nothing; kept for "
        "24 hours."
    )


@strawberry.type(description="Contacts in accounts, as they stand after the write.")
class AccountContactsPayload:
    account_contacts: list[AccountContact] = strawberry.field(
        default_factory=list,
        description="Those that it is over, changed or not; none where it was refused.",
    )
    count: int = strawberry.field(
        default=0, description="How many were changed; in a dry run, how many would be."
    )
    recipients: list[AccountContact] = strawberry.field(
        default_factory=list,
        description="Who is written to (in a dry run: who would be); the first 200 of them.",
    )
    recipient_count: int = strawberry.field(default=0, description="How many those are in all.")
    errors: list[UserError] = errors_field()


@strawberry.type
class SwitchesMutation:
    @mutation(switches.update_account_contacts)
    async def update_account_contacts(
        self, info: Info, input: UpdateAccountContactsInput
    ) -> AccountContactsPayload:
        """Needs MANAGE_PORTAL_ACCESS. Turns LOGIN, NOTIFY and SYNC on or off for many at once, all
        or nothing. LOGIN off closes the accounts for the contacts at once, and revokes what is
        pending. Sends invitations where `invite` is given."""
        return await write(info, AccountContactsPayload, input)
