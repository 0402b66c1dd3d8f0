"""Signing in and out, and one's own sessions: members and clients alike, each at their firm."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass

from auth import sessions, throttle
from auth.permissions import public, signed_in
from models import Member, Session
from models.enums import Permission
from resolvers.people import Person, enterable, people_at
from resolvers.refusal import ErrorCode, refuse
from resolvers.texts import parse_email
from resolvers.unit import Unit
from tenancy.recording import remove
from tenancy.scope import LIMITED

_TOLD_LENGTH = 254
"""No address is longer (RFC 5321); of what is typed in its place, so much is told."""


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A fresh session, its token (shown this once), and whose it is."""

    token: str
    session: Session
    viewer: Person

    @property
    def constants(self) -> dict[str, str | None]:
        """With whose eyes the answer is read: those of the fresh session."""
        return {
            "session_id": self.session.id,
            "member_id": self.session.member_id,
            "portal_user_id": self.session.portal_user_id,
            "current_account_id": self.session.current_account_id,
            LIMITED: _limit(self.viewer),
        }


def _limit(person: Person) -> str | None:
    if not isinstance(person, Member):
        return None
    sees_all = Permission.VIEW_ALL_ACCOUNTS in sessions.effective_permissions(
        person.role, person.permissions
    )
    return None if sees_all else person.id


@public
async def sign_in(unit: Unit, *, firm: str, email: str, password: str) -> SignedIn:
    """Starts a session. Whatever is wrong, the answer and the time that it takes are the same."""
    address = parse_email(email)
    key = address.key if address else email
    for limit, who in (
        (throttle.SIGN_IN_ADDRESS, (firm, key)),
        (throttle.SIGN_IN_NETWORK, (unit.visit.ip_address,)),
    ):
        await throttle.count_try(unit.session, limit, *who, now=unit.now)
    # Committed before the slow part, so that tries at the same time count each other.
    await unit.release()
    known, person = await _person_with(unit, firm, key, password)
    if person is None:
        with suppress(throttle.RateLimited):
            await _record_refusal(unit, key, known)
        raise refuse(
            ("password",),
            ErrorCode.INVALID_CREDENTIALS,
            "This address and password do not belong together here.",
        )
    await throttle.clear(unit.session, throttle.SIGN_IN_ADDRESS, firm, key)
    # Only failures are held against a network address: a whole office signs in from one, and
    # waits for nothing but this.
    await throttle.take_back(
        unit.session, throttle.SIGN_IN_NETWORK, unit.visit.ip_address, now=unit.now
    )
    await unit.release()
    token, session = sessions.start(unit.session, person, visit=unit.visit, now=unit.now)
    return SignedIn(token=token, session=session, viewer=person)


async def _person_with(
    unit: Unit, firm: str, key: str, password: str
) -> tuple[Sequence[Person], Person | None]:
    """Who is at this address, and the one whose password it is, with something to enter."""
    passwords = unit.deployment.passwords
    found = await unit.enter_by_slug(firm)
    people: Sequence[Person] = await people_at(unit, key) if found is not None else ()
    open_to = [person for person in people if await enterable(unit, person)]
    await unit.release()
    if not open_to:
        await passwords.verify(password, None)
        return people, None
    for person in open_to:
        stored = person.password_hash
        if await passwords.verify(password, stored):
            if stored is not None and passwords.outdated(stored):
                person.password_hash = await passwords.hash(password)
            return people, person
    return people, None


async def _record_refusal(unit: Unit, key: str, known: Sequence[Person]) -> None:
    """Tells the firm's audit trail that somebody failed to sign in, and commits that.

    Of addresses that nobody has, no more is told than `REFUSED_SIGN_INS` lets through; whoever
    is known is told of whatever that says, which is asked so that both take the same time.
    """
    if not unit.in_firm:
        return
    person = known[0].id if known else None
    with suppress(throttle.RateLimited) if person else nullcontext():
        await throttle.count_try(
            unit.session, throttle.REFUSED_SIGN_INS, unit.firm_id, person, now=unit.now
        )
    email = key.lower()[:_TOLD_LENGTH]
    unit.trail.record("session.refused", subject_id=person, changes={"email": (None, email)})
    await unit.release()


@signed_in
async def sign_out(unit: Unit) -> None:
    """Ends the session that asks."""
    await remove(unit.session, Session, Session.id == unit.caller.session_id)


@signed_in
async def revoke_session(unit: Unit, *, id: str) -> None:
    """Ends one of the caller's own sessions; anybody else's is as absent as none."""
    caller = unit.caller
    ended = await remove(
        unit.session,
        Session,
        Session.id == id,
        Session.member_id == caller.member_id
        if caller.is_member
        else Session.portal_user_id == caller.portal_user_id,
    )
    if not ended:
        raise refuse(("id",), ErrorCode.NOT_FOUND, "There is no such session.")
