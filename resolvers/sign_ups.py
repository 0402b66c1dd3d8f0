"""Signing up: a stranger types who they are, proves the address by a mail, and is a client.

Until the password behind the mail's link is set there is no row of a client, and no answer tells
whether an address is known: the mail does, to whoever can read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from auth import sessions, throttle
from auth.links import LinkInvalid, Purpose
from auth.permissions import public
from mail import outbox
from mail.outbox import Template
from models import Contact, Firm, PortalUser, SignUp
from models.enums import AccountType, Locale, PhoneType
from models.sign_ups import TYPES
from resolvers import accounts, notifications, texts
from resolvers.contacts import ContactDraft, draft_contact
from resolvers.links import ActivationStatus, refused_link
from resolvers.names import file_name
from resolvers.passwords import check_password
from resolvers.people import people_at
from resolvers.refusal import ErrorCode, Problems, Refused, refuse
from resolvers.sessions import SignedIn
from resolvers.texts import EmailAddress
from resolvers.unit import Unit
from tenancy.recording import BY_HAND

LIFETIME = timedelta(hours=24)
KEPT_FOR = timedelta(days=30)
"""So long after its end a link still tells what became of it; then what was typed is deleted."""


@dataclass(frozen=True)
class SignUpLink:
    """What a link to sign up is good for, and what was typed, while it is good or only too old."""

    status: ActivationStatus
    sign_up: SignUp | None = None
    # Whether the link is REVOKED because a newer one was asked for.
    replaced: bool = False


@public
async def sign_up(
    unit: Unit,
    *,
    firm: str,
    first_name: str,
    last_name: str,
    email: str,
    type: AccountType = AccountType.INDIVIDUAL,
    company_name: str | None = None,
    phone: str | None = None,
    locale: Locale | None = None,
) -> None:
    """Keeps what was typed and sends a link to the address, or a mail that says it is known.

    Refused, with everything that there is to mend, where the firm lets nobody sign up.
    """
    await throttle.count_try(
        unit.session, throttle.LETTER_NETWORK, unit.visit.ip_address, now=unit.now
    )
    found = await unit.enter_by_slug(firm)
    if found is None or not found.sign_up_enabled:
        raise closed("firm")
    problems = Problems()
    if type not in TYPES:
        problems.add(("type",), ErrorCode.INVALID, "People sign up for an INDIVIDUAL or a COMPANY.")
    typed: dict[str, str | None] = {
        "first_name": _required(problems, "first_name", first_name),
        "last_name": _required(problems, "last_name", last_name),
        "company_name": _company(problems, type, company_name),
        "phone": texts.phone(problems, ("phone",), phone, found.locale)
        if phone and phone.strip()
        else None,
    }
    address = _address(problems, email)
    problems.settle()
    assert address is not None
    try:
        await throttle.count_try(
            unit.session, throttle.LETTER_ADDRESS, unit.firm_id, address.key, now=unit.now
        )
    except throttle.RateLimited:
        # Saying so would tell nothing to an honest person, and more to another one.
        return
    language = locale or found.locale
    known = await _known_address(unit, address.key)
    if known is not None:
        _write_mail(unit, Template.SIGN_UP_KNOWN, known, language)
        return
    row = await _keep(unit, address, type=type, locale=language, **typed)
    _write_mail(unit, Template.SIGN_UP, address.text, language, row)


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
    if await _known_address(unit, row.email_key):
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


def closed(place: str) -> Refused:
    """The refusal of a firm where nobody signs up, to be raised; *place* is a field's name."""
    return refuse(
        (place,),
        ErrorCode.SIGN_UP_CLOSED,
        "Nobody can sign up here. Ask the firm to be invited.",
    )


async def _use_up(unit: Unit, row: SignUp) -> None:
    """Uses the link up, as long as the firm still lets people sign up and does not know them."""
    firm = await unit.session.scalar(
        select(Firm).with_for_update(read=True).execution_options(populate_existing=True)
    )
    if firm is None or not firm.sign_up_enabled:
        raise closed("token")
    used = await unit.session.scalar(
        update(SignUp)
        .where(
            SignUp.id == row.id,
            SignUp.counter == row.counter,
            SignUp.used.is_(False),
            SignUp.expires_at > unit.now,
        )
        .values(used=True)
        .returning(SignUp.id)
        .execution_options(synchronize_session=False)
    )
    if used is None:
        before = await unit.session.scalar(select(SignUp.used).where(SignUp.id == row.id))
        raise refused_link(ActivationStatus.USED if before else ActivationStatus.REVOKED)
    if await _known_address(unit, row.email_key):
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


async def _known_address(unit: Unit, email_key: str) -> str | None:
    """The address as the firm knows it: a member's, a portal user's or a contact's."""
    for person in await people_at(unit, email_key):
        return person.email
    return await unit.session.scalar(
        select(Contact.email).where(Contact.email_key == email_key).limit(1)
    )


async def _keep(
    unit: Unit, address: EmailAddress, *, type: AccountType, locale: Locale, **typed: str | None
) -> SignUp:
    """The row of this address, with what was typed now; every older link of it dies."""
    await unit.session.execute(
        delete(SignUp).where(SignUp.expires_at < unit.now - KEPT_FOR).execution_options(**BY_HAND)
    )
    row = await unit.session.scalar(
        select(SignUp).where(SignUp.email_key == address.key).with_for_update()
    )
    if row is None:
        row = unit.new(SignUp, email_key=address.key, counter=0)
    row.email = address.text
    row.type = type
    row.locale = locale
    for name, text in typed.items():
        setattr(row, name, text)
    row.counter += 1
    row.used = False
    row.expires_at = unit.now + LIFETIME
    return row


def _required(problems: Problems, field: str, text: str) -> str | None:
    before = len(problems)
    found = texts.clean(problems, (field,), text)
    if found is None and len(problems) == before:
        problems.add((field,), ErrorCode.REQUIRED, "This cannot be empty.")
    return found


def _company(problems: Problems, type: AccountType, text: str | None) -> str | None:
    before = len(problems)
    found = file_name(problems, ("company_name",), text)
    if len(problems) > before:
        return None
    if type is AccountType.COMPANY and found is None:
        problems.add(("company_name",), ErrorCode.REQUIRED, "This cannot be empty.")
    if type is not AccountType.COMPANY and found is not None:
        problems.add(
            ("company_name",),
            ErrorCode.INVALID,
            "Only an account of the type COMPANY has a company's name and address.",
        )
    return found


def _address(problems: Problems, text: str) -> EmailAddress | None:
    found = texts.email(problems, ("email",), text)
    if not text.strip():
        problems.add(("email",), ErrorCode.REQUIRED, "This cannot be empty.")
    return found


def _write_mail(
    unit: Unit, template: Template, recipient: str, locale: Locale, row: SignUp | None = None
) -> None:
    content: dict[str, Any] = {}
    if row is not None:
        content["link"] = {
            "purpose": Purpose.SIGN_UP,
            "subject_id": row.id,
            "counter": row.counter,
        }
    outbox.write(
        unit.session,
        firm_id=unit.firm_id,
        template=template,
        recipient=recipient,
        locale=locale,
        content=content,
        now=unit.now,
    )
