"""What accounts and contacts are found by: their own texts, and those of their custom fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from models import (
    Account,
    AccountFieldValue,
    Contact,
    ContactAddress,
    ContactFieldValue,
    Phone,
)
from models.enums import CustomFieldTarget
from models.folding import search_text
from resolvers.unit import Unit

_AT_ONCE = 500

VALUES: dict[CustomFieldTarget, tuple[type[AccountFieldValue | ContactFieldValue], str]] = {
    CustomFieldTarget.ACCOUNT: (AccountFieldValue, "account_id"),
    CustomFieldTarget.CONTACT: (ContactFieldValue, "contact_id"),
}
"""The table that holds the values of a target's fields, and its column for whose they are."""


def account_text(account: Account, values: Iterable[str]) -> str:
    """Of an account; *values* are the texts of its custom fields."""
    own = [account.name, account.company_name, account.number, account.external_reference]
    return "\n".join(filter(None, (search_text(own), *values)))


def contact_text(contact: Contact, phones: Iterable[str], values: Iterable[str]) -> str:
    """Of a contact, with its telephone numbers and other addresses; *values* are the texts of its
    custom fields."""
    own = [
        contact.name,
        contact.middle_name,
        contact.company_name,
        contact.email,
        contact.external_reference,
    ]
    return "\n".join(filter(None, (search_text([*own, *phones]), *values)))


async def value_texts(
    unit: Unit, target: CustomFieldTarget, ids: Sequence[str]
) -> dict[str, list[str]]:
    """The texts of the custom fields of each of the accounts, or contacts, *ids*."""
    table, name = VALUES[target]
    subject: InstrumentedAttribute[str] = getattr(table, name)
    rows = await unit.session.execute(
        select(subject, table.search_text)
        .where(subject.in_(ids))
        .order_by(table.field_id, table.slot)
    )
    found: dict[str, list[str]] = {id: [] for id in ids}
    for id, text in rows:
        found[id].append(text)
    return found


async def rewrite(unit: Unit, target: CustomFieldTarget, ids: Sequence[str]) -> None:
    """Writes the texts of accounts, or contacts, anew after a field of theirs has changed.

    A part of them at a time, so that others are served meanwhile. Each is locked before it is
    read: whoever changes it at the same time waits, or is waited for.
    """
    ordered = sorted(ids)
    for start in range(0, len(ordered), _AT_ONCE):
        part = ordered[start : start + _AT_ONCE]
        if target is CustomFieldTarget.ACCOUNT:
            rows = await unit.session.scalars(
                select(Account).where(Account.id.in_(part)).order_by(Account.id).with_for_update()
            )
            accounts = rows.all()
            values = await value_texts(unit, target, part)
            for account in accounts:
                account.search_text = account_text(account, values[account.id])
        else:
            rows = await unit.session.scalars(
                select(Contact).where(Contact.id.in_(part)).order_by(Contact.id).with_for_update()
            )
            contacts = rows.all()
            values = await value_texts(unit, target, part)
            phones: dict[str, list[str]] = {id: [] for id in part}
            for phone in await unit.session.scalars(
                select(Phone).where(Phone.contact_id.in_(part)).order_by(Phone.position)
            ):
                phones[phone.contact_id].append(phone.number)
            for address in await unit.session.scalars(
                select(ContactAddress).where(
                    ContactAddress.contact_id.in_(part),
                    ContactAddress.id != ContactAddress.contact_id,
                )
            ):
                phones[address.contact_id].append(address.email)
            for contact in contacts:
                contact.search_text = contact_text(contact, phones[contact.id], values[contact.id])
        await unit.session.flush()
