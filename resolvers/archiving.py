"""Archiving: accounts are put away and taken back into use, one or thousands at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from auth.permissions import allow
from models import Account
from models.enums import AccountStatus, Permission
from resolvers import inviting
from resolvers.bulk import ChangedAccounts, chosen_accounts, is_one_of
from resolvers.refusal import Problems
from resolvers.unit import Unit
from tenancy.recording import change

_OTHER = {
    AccountStatus.ARCHIVED: AccountStatus.ACTIVE,
    AccountStatus.ACTIVE: AccountStatus.ARCHIVED,
}


@allow(Permission.MANAGE_ACCOUNTS)
async def archive_accounts(
    unit: Unit,
    *,
    ids: Sequence[str] | None = None,
    filter: Mapping[str, Any] | None = None,
    dry_run: bool = False,
) -> ChangedAccounts:
    """Closes accounts: they open for nobody, and their invitations die. LOGIN stays as it is."""
    done = await _set_status(unit, AccountStatus.ARCHIVED, ids, filter, dry_run=dry_run)
    if not dry_run:
        await inviting.revoke_of_accounts(unit, [account.id for account in done.accounts])
    return done


@allow(Permission.MANAGE_ACCOUNTS)
async def restore_accounts(
    unit: Unit,
    *,
    ids: Sequence[str] | None = None,
    filter: Mapping[str, Any] | None = None,
    dry_run: bool = False,
) -> ChangedAccounts:
    """Opens archived accounts again, with the same switches. Nobody is written to."""
    return await _set_status(unit, AccountStatus.ACTIVE, ids, filter, dry_run=dry_run)


async def _set_status(
    unit: Unit,
    status: AccountStatus,
    ids: Sequence[str] | None,
    filter: Mapping[str, Any] | None,
    *,
    dry_run: bool,
) -> ChangedAccounts:
    problems = Problems()
    accounts = await chosen_accounts(unit, problems, ids, filter, place=("ids",), dry_run=dry_run)
    problems.settle()
    others = (
        is_one_of(unit, Account.id, [account.id for account in accounts]),
        Account.status == _OTHER[status],
    )
    if dry_run:
        count = select(func.count()).select_from(Account).where(*others)
        return ChangedAccounts(accounts, await unit.session.scalar(count) or 0)
    done = await change(
        unit.session,
        Account,
        *others,
        before={"status": _OTHER[status]},
        after={"status": status},
        untold={"updated_at": unit.now},
    )
    return ChangedAccounts(accounts, len(done))
