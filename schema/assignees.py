"""Assignees: members who look after accounts, many at once."""

from __future__ import annotations

import strawberry

from resolvers import assignees
from schema.accounts import AccountFilter, AccountsPayload
from schema.context import Info, write
from schema.fields import given, mutation, optional


@strawberry.input(description="Members, and the accounts that they look after or no longer do.")
class AssigningInput:
    dry_run: bool = given("Only says how many would be changed; writes nothing.", False)
    account_ids: list[strawberry.ID] | None = optional("These accounts, 10,000 at most…")
    filter: AccountFilter | None = optional("…or every one that this filter finds, 10,000 at most.")
    member_ids: list[strawberry.ID] = strawberry.field(description="The members, 20 at most.")


@strawberry.type
class AssigneeMutation:
    @mutation(assignees.assign)
    async def assign(self, info: Info, input: AssigningInput) -> AccountsPayload:
        """Needs MANAGE_ACCOUNTS. Has every one of the members look after every one of the
        accounts, beside those who do already, all or nothing. Sends nothing."""
        return await write(info, AccountsPayload, input)

    @mutation(assignees.unassign)
    async def unassign(self, info: Info, input: AssigningInput) -> AccountsPayload:
        """Needs MANAGE_ACCOUNTS. Relieves every one of the members of every one of the accounts,
        all or nothing; deactivated members as well. Sends nothing."""
        return await write(info, AccountsPayload, input)
