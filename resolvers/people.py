"""The people who can sign in to a firm: its members and its portal users."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, func, select

from models import Account, Member, PortalUser
from models.enums import MemberStatus
from models.portal_access import opens_to, opens_to_caller
from resolvers.unit import Unit
from tenancy.caller import Caller
from tenancy.database import Database
from tenancy.reading import Lookup
from tenancy.scope import within

Person = Member | PortalUser


async def people_at(unit: Unit, email_key: str) -> Sequence[Person]:
    """Who signs in with this address: a member, a portal user, both, or nobody."""
    member = await unit.session.scalar(select(Member).where(Member.email_key == email_key))
    user = await unit.session.scalar(select(PortalUser).where(PortalUser.email_key == email_key))
    found: list[Person | None] = [member, user]
    return [person for person in found if person is not None]


def accounts_open_to(portal_user_id: str) -> Select[Account]:
    """The accounts that a portal user may enter."""
    return select(Account).where(opens_to(portal_user_id, Account))


async def enterable(unit: Unit, person: Person) -> bool:
    """Whether there is anything for *person* to enter: active at the firm, or an open account."""
    if isinstance(person, Member):
        return person.status is MemberStatus.ACTIVE
    return await unit.session.scalar(accounts_open_to(person.id).limit(1)) is not None


_entrance = Lookup(select(func.min(Account.id)).where(within(Account), opens_to_caller(Account)))


async def has_entrance(database: Database, caller: Caller) -> bool:
    """Whether there still is anything for a caller to enter, outside of any use case."""
    if caller.is_member:
        return True
    known = {"firm_id": caller.firm_id, "portal_user_id": caller.portal_user_id}
    found = await database.fetch(*_entrance.statement(database.dialect, **known))
    return _entrance.row(found) != [None]


async def person_of(unit: Unit, *, member_id: str | None, portal_user_id: str | None) -> Person:
    """The row of a person whom a session or a link names; one of the ids is set."""
    if member_id is not None:
        found: Person | None = await unit.find(Member, member_id)
    else:
        assert portal_user_id is not None
        found = await unit.find(PortalUser, portal_user_id)
    assert found is not None
    return found


async def caller_of(unit: Unit) -> Person:
    """The row of whoever is signed in."""
    caller = unit.caller
    return await person_of(unit, member_id=caller.member_id, portal_user_id=caller.portal_user_id)
