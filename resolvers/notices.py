"""Notices: what a member writes to those who are told what concerns an account."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from auth import throttle
from auth.permissions import allow
from language import together
from mail import outbox
from mail.outbox import Template
from models import Account, AccountContact, Contact, PortalUser
from models.enums import AccountStatus, Locale, Permission
from resolvers.idempotency import answered_before, remember
from resolvers.refusal import ErrorCode, Place, Problems
from resolvers.texts import clean
from resolvers.unit import Unit

SUBJECT_LENGTH = 150
BODY_LENGTH = 10_000

Reader = tuple[AccountContact, Contact, Locale | None]
"""A contact in the account, and the language that whoever signs in with the address chose."""


@allow(Permission.MANAGE_ACCOUNTS)
async def notify_account(
    unit: Unit,
    *,
    account_id: str,
    subject: str,
    body: str,
    idempotency_key: str | None = None,
) -> int:
    """Writes to every contact of an account with NOTIFY and an address; returns how many.

    Those who share an address get one mail, which greets all of them.
    """
    asked = {"account": account_id, "subject": subject, "body": body}
    before = await answered_before(unit, "notifyAccount", idempotency_key, asked)
    if before is not None:
        return before["count"]
    problems = Problems()
    title = _said(problems, ("subject",), subject, most=SUBJECT_LENGTH)
    text = _said(problems, ("body",), body, most=BODY_LENGTH, lines=True)
    account = await unit.find(Account, account_id, lock=True)
    readers: Sequence[Reader] = []
    if account is None:
        problems.add(("account_id",), ErrorCode.NOT_FOUND, "There is no such account.")
    elif account.status is AccountStatus.ARCHIVED:
        problems.add(
            ("account_id",),
            ErrorCode.CONFLICT,
            "The account is archived. Restore it first.",
        )
    else:
        readers = await _readers(unit, account)
        if not readers:
            problems.add(
                ("account_id",),
                ErrorCode.EMAIL_MISSING,
                "Nobody in this account has NOTIFY on and an e-mail address.",
            )
    problems.settle()
    assert account is not None and title is not None and text is not None
    await throttle.count_try(
        unit.session, throttle.NOTICE_ACCOUNT, unit.firm_id, account.id, now=unit.now
    )
    by_address: dict[str | None, list[Reader]] = {}
    for reader in readers:
        by_address.setdefault(reader[1].email_key, []).append(reader)
    usual = (await unit.firm()).locale
    for sharing in by_address.values():
        _write(unit, account, sharing, usual, subject=title, message=text)
    unit.trail.record(
        "account.notified",
        subject_id=account.id,
        changes={"subject": (None, title), "count": (None, len(readers))},
    )
    await remember(unit, "notifyAccount", idempotency_key, asked, {"count": len(readers)})
    return len(readers)


def _said(
    problems: Problems, place: Place, given: str, *, most: int, lines: bool = False
) -> str | None:
    """What was typed; refuses nothing at all, too much, and what cannot be seen."""
    before = len(problems)
    text = clean(problems, place, given, most=most, lines=lines)
    if text is None and len(problems) == before:
        problems.add(place, ErrorCode.REQUIRED, "A mail needs a subject and a text.")
    return text


async def _readers(unit: Unit, account: Account) -> Sequence[Reader]:
    """The contacts of *account* who are told what concerns it, the oldest first."""
    found = await unit.session.execute(
        select(AccountContact, Contact, PortalUser.locale)
        .join(Contact, Contact.id == AccountContact.contact_id)
        .outerjoin(
            PortalUser,
            (PortalUser.email_key == Contact.email_key) & PortalUser.password_hash.is_not(None),
        )
        .where(
            AccountContact.account_id == account.id,
            AccountContact.notify.is_(True),
            Contact.email_key.is_not(None),
        )
        .order_by(AccountContact.id)
    )
    return [(row, contact, locale) for row, contact, locale in found]


def _write(
    unit: Unit,
    account: Account,
    sharing: Sequence[Reader],
    usual: Locale,
    *,
    subject: str,
    message: str,
) -> None:
    """One mail to those who share an address: in the language that they chose in the portal, or
    that one of them is known to read, or in the *usual* one."""
    contacts = [contact for _, contact, _ in sharing]
    chosen = [locale for _, _, locale in sharing if locale is not None]
    known = [contact.locale for contact in contacts if contact.locale is not None]
    locale = (*chosen, *known, usual)[0]
    names = [contact.first_name for contact in contacts]
    if len(contacts) > 1:
        names = [contact.first_name or contact.name for contact in contacts]
    greeted = [name for name in names if name]
    address = contacts[0].email
    assert address is not None
    outbox.write(
        unit.session,
        firm_id=unit.firm_id,
        template=Template.NOTICE,
        recipient=address,
        locale=locale,
        content={
            "first_name": together(locale, greeted) if greeted else None,
            "account_name": account.name,
            "subject": subject,
            "message": message,
            # The portal opens the account to whoever of them has LOGIN.
            "account_id": account.id if any(row.login for row, _, _ in sharing) else None,
        },
        now=unit.now,
    )
