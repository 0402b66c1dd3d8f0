"""Links that finish a sign-up: what one is good for, and the client whom it makes."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from auth import sessions
from auth.links import LinkInvalid, Purpose
from auth.permissions import public
from models import Contact, Firm, PortalUser, SignUp
from models.enums import PhoneType
from resolvers import accounts, notifications
from resolvers.contacts import ContactDraft, draft_contact
from resolvers.links import ActivationStatus, refused_link, use_up
from resolvers.passwords import check_password
from resolvers.refusal import Problems
from resolvers.sessions import SignedIn
from resolvers.sign_ups import closed, known_address
from resolvers.unit import Unit


@dataclass(frozen=True)
class SignUpLink:
    """What a link to sign up is good for, and what was typed, while it is good or only too old."""

    status: ActivationStatus
    sign_up: SignUp | None = None
    # Whether the link is REVOKED because a newer one was asked for.
    replaced: bool = False


@public
async def look_at_sign_up(unit: Unit, *, token: str) -> SignUpLink:
    """What a link to sign up is good for; changes nothing, however often it is looked at.

    Refused where the firm lets nobody sign up any more.
    """
    try:
        link = unit.deployment.links.read(Purpose.SIGN_UP, token)
    except LinkInvalid:
        return SignUpLink(ActivationStatus.INVALID)
    await unit.enter(link.firm_id)
    row = await unit.find(SignUp, link.subject_id)
    if row is None:
        return SignUpLink(ActivationStatus.INVALID)
    if row.used:
        return SignUpLink(ActivationStatus.USED)
    if not (await unit.firm()).sign_up_enabled:
        raise closed("token")
    if await known_address(unit, row.email_key):
        # Perhaps by this very link, used since the row was read.
        used = await unit.session.scalar(select(SignUp.used).where(SignUp.id == row.id))
        return SignUpLink(ActivationStatus.USED if used else ActivationStatus.REVOKED)
    if row.counter != link.counter:
        return SignUpLink(ActivationStatus.REVOKED, replaced=True)
    if row.expires_at <= unit.now:
        return SignUpLink(ActivationStatus.EXPIRED, row)
    return SignUpLink(ActivationStatus.VALID, row)


@public
async def finish_sign_up(unit: Unit, *, token: str, password: str) -> SignedIn:
    """Sets the password, opens the account and signs in; of two at once, one succeeds."""
    link = await look_at_sign_up(unit, token=token)
    row = link.sign_up
    if row is None or link.status is not ActivationStatus.VALID:
        raise refused_link(link.status)
    firm = await unit.firm()
    check_password(
        password,
        place=("password",),
        personal=[
            row.first_name,
            row.last_name,
            row.company_name,
            row.email,
            firm.name,
            firm.slug,
        ],
    )
    await unit.release()
    hashed = await unit.deployment.passwords.hash(password)
    await _use_up(unit, row)
    contact = await _contact(unit, row)
    account = await accounts.open_account(
        unit,
        contact,
        type=row.type,
        **({"company_name": row.company_name} if row.company_name else {}),
    )
    user = unit.new(
        PortalUser,
        email=row.email,
        email_key=row.email_key,
        first_name=row.first_name,
        last_name=row.last_name,
        locale=row.locale,
        password_hash=hashed,
        created_at=unit.now,
    )
    await unit.session.flush()
    token_, session = sessions.start(unit.session, user, visit=unit.visit, now=unit.now)
    session.current_account_id = account.id
    await unit.session.flush()
    await notifications.tell_of_sign_up(unit, contact, account)
    return SignedIn(token=token_, session=session, viewer=user)


async def _use_up(unit: Unit, row: SignUp) -> None:
    """Uses the link up, as long as the firm still lets people sign up and does not know them."""
    firm = await unit.session.scalar(
        select(Firm).with_for_update(read=True).execution_options(populate_existing=True)
    )
    if firm is None or not firm.sign_up_enabled:
        raise closed("token")
    if not await use_up(unit, row):
        before = await unit.session.scalar(select(SignUp.used).where(SignUp.id == row.id))
        raise refused_link(ActivationStatus.USED if before else ActivationStatus.REVOKED)
    if await known_address(unit, row.email_key):
        raise refused_link(ActivationStatus.REVOKED)


async def _contact(unit: Unit, row: SignUp) -> Contact:
    problems = Problems()
    draft = ContactDraft(
        first_name=row.first_name,
        last_name=row.last_name,
        company_name=row.company_name,
        email=row.email,
        locale=row.locale,
    )
    if row.phone:
        draft["phones"] = [{"number": row.phone, "type": PhoneType.OTHER}]
    contact = await draft_contact(unit, problems, (), draft)
    problems.settle()
    return contact
