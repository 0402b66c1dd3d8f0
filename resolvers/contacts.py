"""Contacts: real people, created, changed and deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from sqlalchemy import func, select

from auth.permissions import allow
from models import AccountContact, Contact, ContactAddress, Phone
from models.enums import CustomFieldTarget, Locale, Permission, PhoneType
from models.folding import fold
from resolvers import inviting, texts
from resolvers.circumstances import circumstances
from resolvers.custom_values import CustomFieldValueDraft, set_custom_fields
from resolvers.duplicates import possible_duplicates
from resolvers.reach import check_reach, keep_contact
from resolvers.refusal import ErrorCode, Place, Problems, refuse
from resolvers.search_texts import contact_text, value_texts
from resolvers.tags import set_tags
from resolvers.unit import Unit
from tenancy.recording import remove

MOST_PHONES = 20
_NAMES = ("first_name", "middle_name", "last_name", "company_name")


class PhoneDraft(TypedDict):
    number: str
    type: PhoneType


class ContactDraft(TypedDict, total=False):
    """What is typed of a contact. In a change, what is left out stays and None clears."""

    external_reference: str | None
    first_name: str | None
    middle_name: str | None
    last_name: str | None
    company_name: str | None
    email: str | None
    phones: list[PhoneDraft] | None
    address: Mapping[str, str | None] | None
    locale: Locale | None
    tag_ids: list[str] | None
    custom_fields: list[CustomFieldValueDraft] | None


@dataclass(frozen=True)
class NewContact:
    """A contact that was made, and those that may be the same person."""

    contact: Contact
    possible_duplicates: list[Contact]


@allow(Permission.MANAGE_CONTACTS)
async def create_contact(unit: Unit, **draft: Any) -> NewContact:
    """A new contact of the firm, in no account yet."""
    problems = Problems()
    contact = await draft_contact(unit, problems, (), ContactDraft(**draft))
    problems.settle()
    keep_contact(unit, contact)
    return NewContact(contact, await possible_duplicates(unit, [contact]))


@allow(Permission.MANAGE_CONTACTS)
async def update_contact(unit: Unit, *, id: str, **draft: Any) -> Contact:
    """Changes a contact. A changed address kills the links that went to the old one."""
    contact = await unit.find(Contact, id, lock=True)
    if contact is None:
        raise contact_not_found(("id",))
    problems = Problems()
    before = contact.email_key
    phones = await _phones(unit, contact)
    fewer = "other_emails" in draft
    if fewer:
        await _keep_addresses(unit, problems, contact, draft.pop("other_emails") or [])
    await _fill(unit, problems, (), contact, ContactDraft(**draft), phones, new=False)
    if contact.email_key is None and before is not None and await _may_sign_in(unit, contact):
        problems.add(
            ("email",),
            ErrorCode.EMAIL_MISSING,
            "LOGIN is on for this contact, and needs an e-mail address.",
        )
    problems.settle()
    contact.updated_at = unit.now
    if contact.email_key != before or fewer:
        # Whoever has the address enters, and could enter what the caller does not see.
        await check_reach(unit, ("email",), [contact])
        await inviting.revoke_stale(unit, contact)
    return contact


@allow(Permission.MANAGE_CONTACTS)
async def delete_contact(unit: Unit, *, id: str) -> str:
    """Deletes a contact and takes it out of its accounts, unless one would be left without any."""
    contact = await unit.find(Contact, id, lock=True)
    if contact is None:
        raise contact_not_found(("id",))
    await check_reach(unit, ("id",), [contact])
    mine = select(AccountContact.account_id).where(AccountContact.contact_id == id)
    alone = await unit.session.scalar(
        select(AccountContact.account_id)
        .where(AccountContact.account_id.in_(mine))
        .group_by(AccountContact.account_id)
        .having(func.count() == 1)
        .limit(1)
    )
    if alone is not None:
        raise refuse(
            ("id",),
            ErrorCode.LAST_CONTACT,
            "This is the only contact of an account. Add another one to it first.",
        )
    await remove(unit.session, AccountContact, AccountContact.contact_id == id)
    await unit.session.delete(contact)
    return id


def contact_not_found(place: Place) -> Exception:
    """The refusal for an id that is no contact of the firm."""
    return refuse(place, ErrorCode.NOT_FOUND, "There is no such contact.")


async def draft_contact(
    unit: Unit, problems: Problems, place: Place, draft: ContactDraft
) -> Contact:
    """A new contact, added to the transaction; what is wrong with it goes to *problems*."""
    contact = unit.new(Contact, created_at=unit.now, updated_at=unit.now, name="")
    await _fill(unit, problems, place, contact, draft, [], new=True)
    return contact


async def _fill(
    unit: Unit,
    problems: Problems,
    place: Place,
    contact: Contact,
    draft: ContactDraft,
    phones: Sequence[str],
    *,
    new: bool,
) -> None:
    """Writes *draft* into *contact*; *phones* are the numbers that it has."""
    for name in _NAMES:
        if name in draft:
            setattr(contact, name, texts.clean(problems, (*place, name), draft.get(name)))
    if "external_reference" in draft:
        await _set_reference(unit, problems, place, contact, draft.get("external_reference"))
    if "email" in draft:
        address = texts.email(problems, (*place, "email"), draft["email"])
        contact.email = address.text if address else None
        contact.email_key = address.key if address else None
    if new:
        # Once for all that is asked further down.
        await circumstances(unit, contact.email_key)
    if "address" in draft:
        contact.address = texts.address(problems, (*place, "address"), draft["address"])
    if "locale" in draft:
        contact.locale = draft["locale"]
    if "phones" in draft:
        phones = await _set_phones(unit, problems, place, contact, draft["phones"] or [])
    if "tag_ids" in draft:
        await set_tags(unit, problems, place, contact, draft["tag_ids"])
    _name(contact)
    if not contact.name and not any(
        texts.tidy(draft.get(name) or "") for name in ("email", *_NAMES)
    ):
        problems.add(
            (*place, "last_name"),
            ErrorCode.REQUIRED,
            "A contact needs a name, a company or an e-mail address.",
        )
    values = await set_custom_fields(
        unit, problems, place, contact, draft.get("custom_fields"), new=new
    )
    await _make_findable(unit, contact, phones, values, new=new)


async def complete(unit: Unit, contact: Contact) -> None:
    """Makes anew what *contact* is called, ordered by and found by."""
    _name(contact)
    values = await value_texts(unit, CustomFieldTarget.CONTACT, [contact.id])
    await _make_findable(unit, contact, await _phones(unit, contact), values[contact.id], new=False)


def _name(contact: Contact) -> None:
    read_as = " ".join(part for part in (contact.first_name, contact.last_name) if part)
    contact.name = read_as or contact.company_name or contact.email or ""


async def _make_findable(
    unit: Unit, contact: Contact, phones: Sequence[str], values: Sequence[str], *, new: bool
) -> None:
    others: Iterable[str] = ()
    if not new:
        others = await unit.session.scalars(
            select(ContactAddress.email).where(
                ContactAddress.contact_id == contact.id, ContactAddress.id != contact.id
            )
        )
    contact.first_name_key = fold(contact.first_name or "")
    contact.last_name_key = fold(contact.last_name or contact.name)
    contact.search_text = contact_text(contact, [*phones, *others], values)


async def _set_reference(
    unit: Unit, problems: Problems, place: Place, contact: Contact, given: str | None
) -> None:
    reference = texts.clean(
        problems, (*place, "external_reference"), given, most=texts.REFERENCE_LENGTH
    )
    contact.external_reference = reference
    if reference is None:
        return
    taken = await unit.session.scalar(
        select(Contact.id).where(Contact.external_reference == reference, Contact.id != contact.id)
    )
    # Contacts that come in the same input are not in the database yet.
    beside = (row for row in unit.session.new if isinstance(row, Contact) and row is not contact)
    if taken or any(row.external_reference == reference for row in beside):
        problems.add(
            (*place, "external_reference"),
            ErrorCode.TAKEN,
            "Another one of the firm has this external reference already.",
        )


async def _set_phones(
    unit: Unit, problems: Problems, place: Place, contact: Contact, given: Sequence[PhoneDraft]
) -> list[str]:
    if len(given) > MOST_PHONES:
        problems.add(
            (*place, "phones"),
            ErrorCode.LIMIT_REACHED,
            "A contact has at most {most} telephone numbers.",
            most=MOST_PHONES,
        )
        return []
    locale = (await circumstances(unit)).locale
    await remove(unit.session, Phone, Phone.contact_id == contact.id)
    numbers: list[str] = []
    for position, draft in enumerate(given):
        number = texts.phone(
            problems, (*place, "phones", position, "number"), draft["number"], locale
        )
        if number is not None:
            unit.new(
                Phone,
                contact_id=contact.id,
                position=position,
                number=number,
                type=draft["type"],
            )
            numbers.append(number)
    return numbers


async def _phones(unit: Unit, contact: Contact) -> Sequence[str]:
    found = await unit.session.scalars(select(Phone.number).where(Phone.contact_id == contact.id))
    return found.all()


async def _keep_addresses(
    unit: Unit, problems: Problems, contact: Contact, given: Sequence[str]
) -> None:
    """Takes those of the other addresses away that are not *given*."""
    found = await unit.session.scalars(
        select(ContactAddress).where(
            ContactAddress.contact_id == contact.id, ContactAddress.id != contact.id
        )
    )
    others = {row.email_key: row for row in found}
    for position, text in enumerate(given):
        address = texts.parse_email(text)
        if address is None or others.pop(address.key, None) is None:
            problems.add(
                ("other_emails", position),
                ErrorCode.NOT_FOUND,
                "This is none of the contact's other addresses.",
            )
    gone = [row.id for row in others.values()]
    await remove(unit.session, ContactAddress, ContactAddress.id.in_(gone))


async def _may_sign_in(unit: Unit, contact: Contact) -> bool:
    found = await unit.session.scalar(
        select(AccountContact.id)
        .where(AccountContact.contact_id == contact.id, AccountContact.login.is_(True))
        .limit(1)
    )
    return found is not None
