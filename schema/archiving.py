"""Archiving: accounts that are put away, and taken back into use."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers import archiving
from schema.accounts import AccountFilter, AccountsPayload
from schema.context import Info, write
from schema.fields import mutation, plain

Ids = Annotated[
    list[strawberry.ID] | None,
    strawberry.argument(description="These accounts, 10,000 at most…"),
]
DryRun = Annotated[
    bool, strawberry.argument(description="Only says how many would be changed; writes nothing.")
]


@strawberry.type
class ArchivingMutation:
    @mutation(archiving.archive_accounts)
    async def archive_accounts(
        self,
        info: Info,
        ids: Ids = None,
        filter: Annotated[
            AccountFilter | None,
            strawberry.argument(description="…or every one that this finds, 10,000 at most."),
        ] = None,
        dry_run: DryRun = False,
    ) -> AccountsPayload:
        """Needs MANAGE_ACCOUNTS. Puts accounts away, all or nothing: they open for nobody from now
        on, and pending invitations are revoked. Sends nothing."""
        return await write(info, AccountsPayload, ids=ids, filter=plain(filter), dry_run=dry_run)

    @mutation(archiving.restore_accounts)
    async def restore_accounts(
        self,
        info: Info,
        ids: Ids = None,
        filter: Annotated[
            AccountFilter | None,
            strawberry.argument(
                description="…or every one that this finds, 10,000 at most: those with the status "
                "ARCHIVED, if it says so."
            ),
        ] = None,
        dry_run: DryRun = False,
    ) -> AccountsPayload:
        """Needs MANAGE_ACCOUNTS. Takes archived accounts back into use, all or nothing, with the
        switches as they were. Sends nothing."""
        return await write(info, AccountsPayload, ids=ids, filter=plain(filter), dry_run=dry_run)
