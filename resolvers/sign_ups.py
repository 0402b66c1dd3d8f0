"""Signing up: a stranger types who they are, and proves the address by a mail.

Until the password behind the mail's link is set (`sign_up_links`) there is no row of a client, and
no answer tells whether an address is known: the mail does, to whoever can read it.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from auth import throttle
from auth.links import Purpose
from auth.permissions import public
from mail import outbox
from mail.outbox import Template
from models import Contact, SignUp
from models.enums import AccountType, Locale
from models.sign_ups import TYPES
from resolvers import texts
from resolvers.links import send_fresh_link
from resolvers.names import file_name
from resolvers.people import people_at
from resolvers.refusal import ErrorCode, Problems, Refused, refuse
from resolvers.texts import EmailAddress
from resolvers.unit import Unit
from tenancy.recording import BY_HAND

LIFETIME = timedelta(hours=24)
KEPT_FOR = timedelta(days=30)
"""So long after its end a link still tells what became of it; then what was typed is deleted."""


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
    known = await known_address(unit, address.key)
    if known is not None:
        outbox.write(
            unit.session,
            firm_id=unit.firm_id,
            template=Template.SIGN_UP_KNOWN,
            recipient=known,
            locale=language,
            content={},
            now=unit.now,
        )
        return
    row = await _keep(unit, address, type=type, locale=language, **typed)
    await send_fresh_link(
        unit,
        row,
        until=unit.now + LIFETIME,
        purpose=Purpose.SIGN_UP,
        template=Template.SIGN_UP,
        recipient=address.text,
        locale=language,
        content={},
    )


def closed(place: str) -> Refused:
    """The refusal of a firm where nobody signs up, to be raised; *place* is a field's name."""
    return refuse(
        (place,),
        ErrorCode.SIGN_UP_CLOSED,
        "Nobody can sign up here. Ask the firm to be invited.",
    )


async def known_address(unit: Unit, email_key: str) -> str | None:
    """The address as the firm knows it: a member's, a portal user's or a contact's."""
    for person in await people_at(unit, email_key):
        return person.email
    return await unit.session.scalar(
        select(Contact.email).where(Contact.email_key == email_key).limit(1)
    )


async def _keep(
    unit: Unit, address: EmailAddress, *, type: AccountType, locale: Locale, **typed: str | None
) -> SignUp:
    """The row of this address, with what was typed now, for a link that is to be sent."""
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
    row.used = False
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
