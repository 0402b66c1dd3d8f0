"""Sessions: an opaque token for the caller, a row with its hash for us."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Text, bindparam, null, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.permissions import ROLE_PERMISSIONS
from models import Member, PortalUser, Session
from models.base import Timestamp
from models.enums import Locale, MemberStatus, Permission, Role
from models.ids import new_id
from tenancy.caller import Caller, Visit
from tenancy.database import Database, Statement
from tenancy.outage import outage
from tenancy.reading import Lookup
from tenancy.recording import BY_HAND, remove, trail_of
from tenancy.scope import within
from tenancy.session import firm_session

LIFETIME = timedelta(days=30)
"""However busy, a session ends (NIST SP 800-63B-4, section 2.1.3)."""
IDLE = timedelta(days=7)
"""Unused for so long, a session ends."""
TOUCH_EVERY = timedelta(minutes=5)
"""How exactly `last_used_at` is kept: writing it at each request would cost a write for a read."""


class SessionEnded(Exception):
    """Whoever is at the other end of an open connection is not signed in any more."""


def new_token(firm_id: str) -> str:
    """A token: the firm, so that it is looked up inside that firm alone, and 256 random bits."""
    return f"{firm_id.removeprefix('firm_')}.{secrets.token_urlsafe(32)}"


def firm_of(token: str) -> str | None:
    """The firm that a token names; None where it is none of ours."""
    firm, dot, secret = token.partition(".")
    if len(firm) != 32 or not dot or not 40 <= len(secret) <= 64 or not token.isascii():
        return None
    return f"firm_{firm}"


def hash_token(token: str) -> str:
    """What is kept of a token; it is random, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def start(
    session: AsyncSession, person: Member | PortalUser, *, visit: Visit, now: datetime
) -> tuple[str, Session]:
    """A fresh session for *person*, added to the transaction, and its token."""
    token = new_token(person.firm_id)
    row = Session(
        id=new_id(Session.id_prefix),
        token_hash=hash_token(token),
        member_id=person.id if isinstance(person, Member) else None,
        portal_user_id=person.id if isinstance(person, PortalUser) else None,
        user_agent=visit.user_agent[:300] if visit.user_agent else None,
        ip_address=visit.ip_address,
        created_at=now,
        last_used_at=now,
        expires_at=now + LIFETIME,
    )
    session.add(row)
    trail_of(session).acts(person.id)
    return token, row


def _lookup(*, members: bool = True, clients: bool = True) -> Lookup:
    """Finds a session, and whose it is: *members* and *clients* say among whom to look."""
    found = select(
        Session.id,
        Session.member_id,
        Session.portal_user_id,
        Session.current_account_id,
        *((Member.role, Member.permissions) if members else (null(), null())),
        Member.locale if members else null(),
        PortalUser.locale if clients else null(),
        Session.last_used_at < bindparam("touch_before", type_=Timestamp()),
    ).where(
        within(Session),
        Session.token_hash == bindparam("token_hash", type_=Text()),
        Session.expires_at > bindparam("now", type_=Timestamp()),
        Session.last_used_at > bindparam("idle_since", type_=Timestamp()),
        or_(
            *((Member.status == MemberStatus.ACTIVE,) if members else ()),
            *((Session.portal_user_id.is_not(None),) if clients else ()),
        ),
    )
    either = members and clients
    if members:
        member = (Member.firm_id == Session.firm_id) & (Member.id == Session.member_id)
        found = found.join(Member, member, isouter=either)
    if clients:
        client = PortalUser.id == Session.portal_user_id
        found = found.join(
            PortalUser, (PortalUser.firm_id == Session.firm_id) & client, isouter=either
        )
    return Lookup(found)


_find = _lookup()
# A session stays a member's or a client's. Looking where it was the last time takes a third off.
_find_member = _lookup(clients=False)
_find_client = _lookup(members=False)


class Asking:
    """A token on its way to its caller: the statement that finds it, and what to make of it."""

    def __init__(self, database: Database, firm_id: str, token: str, *, now: datetime) -> None:
        self.firm_id = firm_id
        self.token_hash = hash_token(token)
        self.now = now
        self._database = database

    def statement(self, *, member: bool | None = None) -> Statement:
        """What finds the session; *member*: whether it was a member's the last time, if known."""
        find = _find if member is None else _find_member if member else _find_client
        return find.statement(
            self._database.dialect,
            firm_id=self.firm_id,
            token_hash=self.token_hash,
            now=self.now,
            idle_since=self.now - IDLE,
            touch_before=self.now - TOUCH_EVERY,
        )

    async def caller(self, found: str | None, *, in_use: bool = True) -> Caller | None:
        """The caller, from what the statement gave; None where the session has ended.

        *in_use*: whether the session is kept from ending for not being used.
        """
        row = _find.row(found)
        if row is None:
            return None
        session_id, member_id, user_id, account_id, role, granted, of_member, of_user, stale = row
        if stale and in_use:
            await self._database.unbroken(
                _touch(self._database, self.firm_id, session_id, self.now)
            )
        return Caller(
            firm_id=self.firm_id,
            session_id=session_id,
            member_id=member_id,
            portal_user_id=user_id,
            role=Role(role) if member_id else None,
            permissions=effective_permissions(Role(role), granted) if member_id else frozenset(),
            locale=Locale(of_member or of_user),
            current_account_id=account_id,
        )


async def find_caller(
    database: Database, token: str, *, now: datetime, in_use: bool = True
) -> Caller | None:
    """Who holds *token*; None where it is none of ours or its session has ended.

    *in_use* is false where nobody did anything and a connection that is open looks again.
    """
    firm_id = firm_of(token)
    if firm_id is None:
        return None
    asking = Asking(database, firm_id, token, now=now)
    return await asking.caller(await database.fetch(*asking.statement()), in_use=in_use)


def still_there(before: Visit, now: Visit) -> Visit:
    """*now*, if whoever was signed in *before* still is. Raises SessionEnded."""
    was, found = before.caller, now.caller
    if was is not None and (found is None or found.session_id != was.session_id):
        raise SessionEnded
    return now


async def _touch(database: Database, firm_id: str, session_id: str, now: datetime) -> None:
    try:
        async with firm_session(database, firm_id) as session:
            await session.execute(
                update(Session).where(Session.id == session_id).values(last_used_at=now)
            )
            await session.commit()
    except Exception as error:
        if away := outage(error):
            raise away from error
        raise


def effective_permissions(role: Role, granted: Iterable[str]) -> frozenset[Permission]:
    """What a member may do: everything for owners and admins, what is *granted* for employees."""
    if role in (Role.OWNER, Role.ADMIN):
        return ROLE_PERMISSIONS[role]
    return frozenset(Permission(name) for name in granted)


def _of(person: Member | PortalUser) -> ColumnElement[bool]:
    if isinstance(person, Member):
        return Session.member_id == person.id
    return Session.portal_user_id == person.id


async def end_all(
    session: AsyncSession, person: Member | PortalUser, *, keep: str | None = None
) -> None:
    """Ends every session of *person* but the one whose id is *keep*."""
    others = Session.id != keep if keep is not None else true()
    await remove(session, Session, _of(person), others)


async def leave_account(session: AsyncSession, account_id: str) -> None:
    """No session stands in the account any more (before it is deleted, which tells enough)."""
    await session.execute(
        update(Session)
        .where(Session.current_account_id == account_id)
        .values(current_account_id=None)
        .execution_options(**BY_HAND)
    )
