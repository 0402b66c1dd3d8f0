"""Assignees: the members who look after accounts, of one or of thousands at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from auth.permissions import allow
from models import Account, AccountAssignee, Member
from models.enums import MemberStatus, Permission
from resolvers.bulk import ChangedAccounts, chosen_accounts
from resolvers.pairing import Paired, Pairing, pair, unpair
from resolvers.reach import within_reach
from resolvers.refusal import ErrorCode, Problems
from resolvers.unit import Unit
from tenancy.recording import remove

MOST_MEMBERS_AT_ONCE = 20

_PAIRING = Pairing(AccountAssignee, Account, "account_id", Member, "member_id")


@allow(Permission.MANAGE_ACCOUNTS)
async def assign(unit: Unit, *, member_ids: Sequence[str], **given: Any) -> ChangedAccounts:
    """Has every member look after every account, beside those who do already."""
    return await _over(unit, pair, member_ids, **given)


@allow(Permission.MANAGE_ACCOUNTS)
async def unassign(unit: Unit, *, member_ids: Sequence[str], **given: Any) -> ChangedAccounts:
    """Relieves every member of every account; one who is deactivated as well."""
    return await _over(unit, unpair, member_ids, **given)


async def _over(
    unit: Unit,
    step: Callable[..., Awaitable[Paired]],
    member_ids: Sequence[str],
    *,
    account_ids: Sequence[str] | None = None,
    filter: Mapping[str, Any] | None = None,
    dry_run: bool = False,
) -> ChangedAccounts:
    problems = Problems()
    accounts = await chosen_accounts(
        unit, problems, account_ids, filter, place=("account_ids",), dry_run=dry_run
    )
    if len(member_ids) > MOST_MEMBERS_AT_ONCE:
        problems.add(
            ("member_ids",),
            ErrorCode.LIMIT_REACHED,
            "At most {most} at once.",
            most=MOST_MEMBERS_AT_ONCE,
        )
    problems.settle()
    # Nobody deactivates them meanwhile; in one order, so that no two wait for each other.
    found = await unit.session.execute(
        select(Member.id, Member.status)
        .where(Member.id.in_(member_ids))
        .order_by(Member.id)
        .with_for_update(read=True)
    )
    gone = MemberStatus.DEACTIVATED if step is pair else None
    known = [id for id, status in found if status is not gone]
    for position, id in enumerate(member_ids):
        if id not in known:
            problems.add(("member_ids", position), ErrorCode.NOT_FOUND, "There is no such member.")
    problems.settle()
    ids = [account.id for account in accounts]
    done = await step(unit, _PAIRING, ids, known, dry_run=dry_run)
    # Who relieves themselves may not see an account any more.
    return ChangedAccounts(await within_reach(unit, accounts), done.subject_count)


async def set_assignees(
    unit: Unit, problems: Problems, account: Account, ids: Sequence[str]
) -> None:
    """Makes the members *ids* the ones who look after *account*, which is new or locked."""
    found = await unit.session.scalars(
        select(Member.id).where(Member.id.in_(ids), Member.status != MemberStatus.DEACTIVATED)
    )
    known = set(found)
    for position, id in enumerate(ids):
        if id not in known:
            problems.add(
                ("assignee_ids", position), ErrorCode.NOT_FOUND, "There is no such member."
            )
    await remove(unit.session, AccountAssignee, AccountAssignee.account_id == account.id)
    for id in known:
        unit.new(AccountAssignee, account_id=account.id, member_id=id)
