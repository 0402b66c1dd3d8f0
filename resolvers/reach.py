"""Reach: what a use case minds for members who see the accounts that are assigned to them alone.

That they see nothing else is the session's business, and the planner's (`tenancy/scope.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from models import Account, AccountAssignee, AccountContact, Contact, ContactAuthor
from resolvers.bulk import is_one_of
from resolvers.refusal import ErrorCode, Place, refuse
from resolvers.unit import Unit


def keep_account(unit: Unit, account: Account) -> None:
    """Assigns a new *account* to whoever makes it and would not see it otherwise."""
    member_id = unit.caller.limited_to
    assigned = {
        row.member_id
        for row in unit.session.new
        if isinstance(row, AccountAssignee) and row.account_id == account.id
    }
    if member_id is not None and member_id not in assigned:
        unit.new(AccountAssignee, account_id=account.id, member_id=member_id)


def keep_contact(unit: Unit, contact: Contact) -> None:
    """Keeps a new *contact* in the reach of whoever makes it, until it is in an account."""
    if unit.caller.limited_to is not None:
        unit.new(ContactAuthor, contact_id=contact.id, member_id=unit.caller.limited_to)


async def within_reach(unit: Unit, accounts: Sequence[Account]) -> Sequence[Account]:
    """Those of *accounts* that the caller sees by now."""
    if unit.caller.limited_to is None:
        return accounts
    seen = set(
        await unit.session.scalars(
            select(Account.id).where(
                is_one_of(unit, Account.id, [account.id for account in accounts])
            )
        )
    )
    return [account for account in accounts if account.id in seen]


async def check_reach(unit: Unit, place: Place, contacts: Sequence[Contact]) -> None:
    """Refuses where one of *contacts*, which are locked, is also in an account that the caller
    does not see: what happens to the whole contact would happen there, too."""
    entries = (
        select(func.count())
        .select_from(AccountContact)
        .where(AccountContact.contact_id.in_([contact.id for contact in contacts]))
    )
    seen = await unit.session.scalar(entries)
    with unit.whole_firm():
        every = await unit.session.scalar(entries)
    if every != seen:
        raise refuse(
            place, ErrorCode.IN_USE, "This contact is also in accounts that you do not see."
        )
