"""What the portal's pages show: a client's home."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from auth.permissions import clients
from models import Account, Firm, PortalUser
from resolvers.people import accounts_open_to
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
        accounts_open_to(user.id)
        .order_by(Account.name_key, Account.id)
        .options(selectinload(Account.shared_folders))
    )
    accounts = found.all()
    chosen = [each for each in accounts if each.id == unit.caller.current_account_id]
    current = next(iter([*chosen, *accounts]), None)
    return Home(user, await unit.firm(), accounts, current)


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
