"""Switching: the account that a client's session is in."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update

from auth.permissions import clients
from models import Account, PortalUser, Session
from models.portal_access import opens_to
from resolvers.refusal import ErrorCode, refuse
from resolvers.unit import Unit
from tenancy.recording import BY_HAND


@dataclass(frozen=True)
class Switched:
    """The account that the session is in now, and whose session it is."""

    current_account: Account
    viewer: PortalUser

    @property
    def constants(self) -> dict[str, str]:
        """Where the session is from now on."""
        return {"current_account_id": self.current_account.id}


@clients
async def switch_account(unit: Unit, *, account_id: str) -> Switched:
    """Moves the session to an account that the client may enter.

    An account that is closed to the client is as absent as one that never existed.
    """
    found = await unit.session.execute(
        select(Account, PortalUser)
        .join(PortalUser, PortalUser.id == unit.caller.portal_user_id)
        .where(Account.id == account_id, opens_to(PortalUser.id, Account))
    )
    row = found.one_or_none()
    if row is None:
        raise refuse(("account_id",), ErrorCode.NOT_FOUND, "There is no such account.")
    account, user = row
    await unit.session.execute(
        update(Session)
        .where(Session.id == unit.caller.session_id)
        .values(current_account_id=account.id)
        .execution_options(**BY_HAND)
    )
    unit.trail.wrote(
        Session,
        unit.caller.session_id or "",
        before={"portal_user_id": user.id, "current_account_id": unit.caller.current_account_id},
        after={"portal_user_id": user.id, "current_account_id": account.id},
    )
    return Switched(account, user)
