"""What the portal's pages show: a client's home, and what a reset's link is good for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from auth.links import LinkInvalid, Purpose
from auth.permissions import clients, public
from models import Account, Firm, Member, PasswordReset, PortalUser
from models.portal_access import opens
from resolvers.activation import ActivationStatus
from resolvers.people import Person
from resolvers.sessions import SignedIn
from resolvers.unit import Unit
from tenancy.caller import Caller


@dataclass(frozen=True)
class Home:
    """A client at their firm, and the accounts that are open to them, by name.

    Of each account `shared_folders` is loaded. *current* is the one that the session is in,
    or the first; None where no account is open.
    """

    user: PortalUser
    firm: Firm
    accounts: Sequence[Account]
    current: Account | None


@clients
async def look_at_home(unit: Unit) -> Home:
    """What a client sees first."""
    user = await unit.session.scalar(
        select(PortalUser).where(PortalUser.id == unit.caller.portal_user_id)
    )
    assert user is not None
    found = await unit.session.scalars(
        select(Account)
        .join(PortalUser, PortalUser.id == user.id)
        .where(opens(PortalUser, Account))
        .order_by(Account.name_key, Account.id)
        .options(selectinload(Account.shared_folders))
    )
    accounts = found.all()
    chosen = [each for each in accounts if each.id == unit.caller.current_account_id]
    current = next(iter([*chosen, *accounts]), None)
    return Home(user, await unit.firm(), accounts, current)


@dataclass(frozen=True)
class ResetLink:
    """What a reset's link is good for; whose it is, while it is good."""

    status: ActivationStatus
    email: str | None = None


@public
async def look_at_reset(unit: Unit, *, token: str) -> ResetLink:
    """Whom a reset's link is for; changes nothing, however often it is looked at."""
    try:
        link = unit.deployment.links.read(Purpose.RESET, token)
    except LinkInvalid:
        return ResetLink(ActivationStatus.INVALID)
    await unit.enter(link.firm_id)
    reset = await unit.find(PasswordReset, link.subject_id)
    if reset is None:
        return ResetLink(ActivationStatus.INVALID)
    if reset.counter != link.counter:
        return ResetLink(ActivationStatus.REVOKED)
    if reset.used:
        return ResetLink(ActivationStatus.USED)
    if reset.expires_at <= unit.now:
        return ResetLink(ActivationStatus.EXPIRED)
    person: Person | None = None
    if reset.member_id is not None:
        person = await unit.find(Member, reset.member_id)
    elif reset.portal_user_id is not None:
        person = await unit.find(PortalUser, reset.portal_user_id)
    return ResetLink(ActivationStatus.VALID, person.email if person else None)


def beside(caller: Caller | None) -> Callable[[Unit, SignedIn], Awaitable[SignedIn | None]]:
    """An *answer* for what signs somebody in, in a browser where *caller* may be signed in.

    Somebody else who is signed in stays so: the fresh session is taken back, and the answer
    is None.
    """

    async def answer(unit: Unit, fresh: SignedIn) -> SignedIn | None:
        if caller is None or fresh.viewer.id in (caller.member_id, caller.portal_user_id):
            return fresh
        await unit.session.delete(fresh.session)
        return None

    return answer
