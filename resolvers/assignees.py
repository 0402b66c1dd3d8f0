"""Assignees: the members who look after an account."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from models import Account, AccountAssignee, Member
from models.enums import MemberStatus
from resolvers.refusal import ErrorCode, Problems
from resolvers.unit import Unit
from tenancy.recording import remove


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
