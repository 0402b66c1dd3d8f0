"""Passwords: checked against the rules, changed, and set anew by a link."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, select, update

from auth import sessions, throttle
from auth.links import LinkInvalid, Purpose
from auth.password_rules import Weakness, weakness
from auth.passwords import LONGEST
from auth.permissions import public, signed_in
from mail import outbox
from mail.outbox import Template
from models import Member, PasswordReset, PortalUser
from resolvers.links import ActivationStatus, refused_link, send_fresh_link, use_up
from resolvers.people import Person, caller_of, enterable, people_at, person_of
from resolvers.refusal import ErrorCode, Place, refuse
from resolvers.sessions import SignedIn
from resolvers.texts import parse_email
from resolvers.unit import Unit

LIFETIME = timedelta(hours=1)

_SENTENCES = {
    Weakness.UNREADABLE: "A password is made of characters that can be typed.",
    Weakness.TOO_SHORT: "A password has at least 15 characters. Four or five words do well.",
    Weakness.TOO_LONG: "A password has at most {most} characters.",
    Weakness.COMMON: "This password is among the first that are tried. Choose another one.",
    Weakness.PERSONAL: "A password is not made of your own name or address, or of the firm's.",
}


def check_password(password: str, *, place: Place, personal: Iterable[str | None]) -> None:
    """Refuses a password that the rules do not allow, with the reason."""
    found = weakness(password, personal=[word for word in personal if word])
    if found is not None:
        raise refuse(place, ErrorCode.WEAK_PASSWORD, _SENTENCES[found], most=LONGEST)


@signed_in
async def change_password(unit: Unit, *, current_password: str, new_password: str) -> None:
    """A new password for whoever knows the present one; every other session ends."""
    person = await caller_of(unit)
    await throttle.count_try(
        unit.session, throttle.SIGN_IN_ADDRESS, unit.firm_id, person.email_key, now=unit.now
    )
    stored = person.password_hash
    await unit.release()
    if not await unit.deployment.passwords.verify(current_password, stored):
        raise refuse(
            ("current_password",),
            ErrorCode.INVALID_CREDENTIALS,
            "This is not your present password.",
        )
    await _check(unit, person, new_password, ("new_password",))
    await unit.release()
    hashed = await unit.deployment.passwords.hash(new_password)
    await throttle.clear(unit.session, throttle.SIGN_IN_ADDRESS, unit.firm_id, person.email_key)
    await _set(unit, person, hashed, keep=unit.caller.session_id)


@public
async def request_password_reset(unit: Unit, *, firm: str, email: str) -> None:
    """Sends a link to set a new password. Whoever asks cannot tell whether the address is known."""
    await throttle.count_try(
        unit.session, throttle.LETTER_NETWORK, unit.visit.ip_address, now=unit.now
    )
    address = parse_email(email)
    found = await unit.enter_by_slug(firm)
    if address is None or found is None:
        return
    try:
        await throttle.count_try(
            unit.session, throttle.LETTER_ADDRESS, unit.firm_id, address.key, now=unit.now
        )
    except throttle.RateLimited:
        # Saying so would tell nothing to an honest person, and more to another one.
        return
    for person in await people_at(unit, address.key):
        if person.password_hash is not None and await enterable(unit, person):
            await _send_link(unit, person)


@dataclass(frozen=True)
class ResetLink:
    """What a reset's link is good for; whose it is, while it is good."""

    status: ActivationStatus
    reset: PasswordReset | None = None
    person: Person | None = None
    # Whether the link is REVOKED because a newer one was asked for.
    replaced: bool = False


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
        return ResetLink(ActivationStatus.REVOKED, replaced=True)
    if reset.used:
        return ResetLink(ActivationStatus.USED)
    if reset.expires_at <= unit.now:
        return ResetLink(ActivationStatus.EXPIRED)
    person = await person_of(unit, member_id=reset.member_id, portal_user_id=reset.portal_user_id)
    if not await enterable(unit, person):
        return ResetLink(ActivationStatus.REVOKED)
    return ResetLink(ActivationStatus.VALID, reset, person)


@public
async def reset_password(unit: Unit, *, token: str, password: str) -> SignedIn:
    """Sets a new password by a link, ends every session and starts a fresh one."""
    link = await look_at_reset(unit, token=token)
    reset, person = link.reset, link.person
    if reset is None or person is None:
        raise refused_link(link.status)
    await _check(unit, person, password, ("password",))
    await unit.release()
    hashed = await unit.deployment.passwords.hash(password)
    if not await use_up(unit, reset):
        raise refused_link(ActivationStatus.USED)
    await _set(unit, person, hashed, keep=None)
    token_, session = sessions.start(unit.session, person, visit=unit.visit, now=unit.now)
    return SignedIn(token=token_, session=session, viewer=person)


async def _check(unit: Unit, person: Person, password: str, place: Place) -> None:
    firm = await unit.firm()
    check_password(
        password,
        place=place,
        personal=[person.first_name, person.last_name, person.email, firm.name, firm.slug],
    )


async def _set(unit: Unit, person: Person, hashed: str, *, keep: str | None) -> None:
    """Writes the password; older links and every session but *keep* end, and a mail says so."""
    person.password_hash = hashed
    noun = "member" if isinstance(person, Member) else "portalUser"
    unit.trail.record(f"{noun}.passwordChanged", subject_id=person.id)
    await unit.session.execute(update(PasswordReset).where(_of(person)).values(used=True))
    await sessions.end_all(unit.session, person, keep=keep)
    outbox.write(
        unit.session,
        firm_id=unit.firm_id,
        template=Template.PASSWORD_CHANGED,
        recipient=person.email,
        locale=person.locale,
        content={"first_name": person.first_name},
        now=unit.now,
    )


def _of(person: Person) -> ColumnElement[bool]:
    if isinstance(person, Member):
        return PasswordReset.member_id == person.id
    return PasswordReset.portal_user_id == person.id


async def _send_link(unit: Unit, person: Person) -> None:
    reset = await unit.session.scalar(select(PasswordReset).where(_of(person)).with_for_update())
    if reset is None:
        reset = unit.new(
            PasswordReset,
            member_id=person.id if isinstance(person, Member) else None,
            portal_user_id=person.id if isinstance(person, PortalUser) else None,
            counter=0,
        )
    reset.used = False
    await send_fresh_link(
        unit,
        reset,
        until=unit.now + LIFETIME,
        purpose=Purpose.RESET,
        template=Template.RESET,
        recipient=person.email,
        locale=person.locale,
        content={"first_name": person.first_name},
    )
