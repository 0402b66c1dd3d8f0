"""Accounts: created whole or not at all, changed, deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from sqlalchemy import select

from auth.permissions import allow
from auth.sessions import leave_account
from models import Account, AccountContact, Contact, Counter
from models.enums import AccountStatus, AccountType, CreatedVia, Permission
from resolvers import account_contacts, inviting, texts
from resolvers.account_contacts import EntryDraft
from resolvers.assignees import set_assignees
from resolvers.custom_values import CustomFieldValueDraft, set_custom_fields
from resolvers.folder_templates import give_first_folders
from resolvers.idempotency import answered_before, remember
from resolvers.names import file_name, name_key, suggest
from resolvers.reach import keep_account
from resolvers.refusal import ErrorCode, Place, Problems, refuse
from resolvers.search_texts import account_text
from resolvers.tags import set_tags
from resolvers.unit import Unit
from tenancy.recording import KeptUpdate

MOST_CONTACTS = 100

_count_on = KeptUpdate(
    Counter, Counter.id == "accounts", values={"value": Counter.value + 1}, returning="value"
)


class AccountDraft(TypedDict, total=False):
    """What is typed of an account. In a change, what is left out stays and None clears."""

    type: AccountType
    external_reference: str | None
    name: str | None
    company_name: str | None
    company_address: Mapping[str, str | None] | None
    tag_ids: list[str] | None
    custom_fields: list[CustomFieldValueDraft] | None
    assignee_ids: list[str] | None


@dataclass(frozen=True)
class NewAccount:
    """An account that was made, and who may be the same persons as its new contacts."""

    account: Account
    possible_duplicates: list[Contact]


@allow(Permission.MANAGE_ACCOUNTS)
async def create_account(
    unit: Unit,
    *,
    contacts: Sequence[EntryDraft],
    folder_template_id: str | None = None,
    idempotency_key: str | None = None,
    **draft: Any,
) -> NewAccount:
    """A new account with its contacts and folders, and the invitations that were asked for."""
    asked = {"contacts": contacts, "folder_template_id": folder_template_id, **draft}
    before = await answered_before(unit, "createAccount", idempotency_key, asked)
    if before is not None:
        return NewAccount(await _account(unit, before["id"], ("idempotency_key",)), [])
    problems = Problems()
    account = unit.new(
        Account,
        status=AccountStatus.ACTIVE,
        created_via=CreatedVia.MEMBER,
        created_at=unit.now,
        updated_at=unit.now,
    )
    entries = await _first_contacts(unit, problems, account, contacts)
    await _fill(
        unit, problems, account, AccountDraft(**draft), [entry.contact for entry in entries]
    )
    keep_account(unit, account)
    values = await set_custom_fields(
        unit, problems, (), account, draft.get("custom_fields"), new=True
    )
    await give_first_folders(unit, problems, account, folder_template_id)
    problems.settle()
    possible_duplicates = await account_contacts.duplicates_of(unit, entries)
    for entry in entries:
        if entry.invite is not None:
            await inviting.invite(
                unit, entry.row, entry.contact, account, entry.invite.get("message")
            )
    # Last, because the number's row is locked from here to the end of the transaction.
    account.number = await _next_number(unit)
    account.search_text = account_text(account, values)
    await remember(unit, "createAccount", idempotency_key, asked, {"id": account.id})
    return NewAccount(account, possible_duplicates)


async def open_account(unit: Unit, contact: Contact, **draft: Any) -> Account:
    """A new account for *contact*, who signed up and may enter it, with the firm's folders.

    No use case of its own: whoever calls it has proven that the contact's address is the
    caller's.
    """
    problems = Problems()
    account = unit.new(
        Account,
        status=AccountStatus.ACTIVE,
        created_via=CreatedVia.SIGN_UP,
        created_at=unit.now,
        updated_at=unit.now,
    )
    await _fill(unit, problems, account, AccountDraft(**draft), [contact])
    await give_first_folders(unit, problems, account)
    problems.settle()
    unit.new(
        AccountContact,
        account_id=account.id,
        contact_id=contact.id,
        login=True,
        notify=True,
        sync=True,
        created_at=unit.now,
    )
    account.number = await _next_number(unit)
    account.search_text = account_text(account, ())
    return account


@allow(Permission.MANAGE_ACCOUNTS)
async def update_account(unit: Unit, *, id: str, **draft: Any) -> Account:
    """Changes what is known of an account."""
    account = await _account(unit, id, ("id",), lock=True)
    problems = Problems()
    await _fill(unit, problems, account, AccountDraft(**draft), [])
    values = await set_custom_fields(
        unit, problems, (), account, draft.get("custom_fields"), new=False
    )
    problems.settle()
    account.search_text = account_text(account, values)
    account.updated_at = unit.now
    return account


@allow(Permission.MANAGE_ACCOUNTS)
async def delete_account(unit: Unit, *, id: str) -> str:
    """Deletes an archived account with its folders and invitations; its contacts stay."""
    account = await _account(unit, id, ("id",), lock=True)
    if account.status is not AccountStatus.ARCHIVED:
        raise refuse(
            ("id",), ErrorCode.IN_USE, "Only an archived account can be deleted. Archive it first."
        )
    await leave_account(unit.session, id)
    await unit.session.delete(account)
    return id


async def _account(unit: Unit, id: str, place: Place, *, lock: bool = False) -> Account:
    account = await unit.find(Account, id, lock=lock)
    if account is None:
        raise account_not_found(place)
    return account


def account_not_found(place: Place) -> Exception:
    """The refusal for an id that is no account of the firm."""
    return refuse(place, ErrorCode.NOT_FOUND, "There is no such account.")


async def _first_contacts(
    unit: Unit, problems: Problems, account: Account, drafts: Sequence[EntryDraft]
) -> list[account_contacts.Entry]:
    if not drafts:
        problems.add(("contacts",), ErrorCode.REQUIRED, "An account needs at least one contact.")
    if len(drafts) > MOST_CONTACTS:
        problems.add(
            ("contacts",),
            ErrorCode.LIMIT_REACHED,
            "An account has at most {most} contacts.",
            most=MOST_CONTACTS,
        )
        return []
    entries: list[account_contacts.Entry] = []
    seen: set[str] = set()
    for position, draft in enumerate(drafts):
        place: Place = ("contacts", position)
        id = draft["contact"].get("id")
        if id is not None and id in seen:
            problems.add(
                (*place, "contact", "id"),
                ErrorCode.CONFLICT,
                "This contact is given twice.",
            )
            continue
        if id is not None:
            seen.add(id)
        entry = await account_contacts.draft_entry(unit, problems, place, account, draft)
        if entry is not None:
            entries.append(entry)
    return entries


async def _fill(
    unit: Unit,
    problems: Problems,
    account: Account,
    draft: AccountDraft,
    contacts: Sequence[Contact],
) -> None:
    """Writes *draft* into *account*; a name that is left out is made from what is there."""
    if (kind := draft.get("type")) is not None:
        account.type = kind
    if "company_name" in draft:
        account.company_name = file_name(problems, ("company_name",), draft["company_name"])
    if "company_address" in draft:
        account.company_address = texts.address(
            problems, ("company_address",), draft["company_address"]
        )
    if account.type is not AccountType.COMPANY:
        _refuse_company_fields(problems, account, draft)
    if "external_reference" in draft:
        await _set_reference(unit, problems, account, draft["external_reference"])
    if "assignee_ids" in draft:
        await set_assignees(unit, problems, account, draft["assignee_ids"] or [])
    if "tag_ids" in draft:
        await set_tags(unit, problems, (), account, draft["tag_ids"])
    name = file_name(problems, ("name",), draft.get("name"))
    if name is None and (not account.name or "name" in draft):
        name = await _made_name(unit, account, contacts)
    if name is not None:
        account.name = name
        account.name_key = name_key(name)


def _refuse_company_fields(problems: Problems, account: Account, draft: AccountDraft) -> None:
    """Nothing of a company is lost by a change of type: it is to be cleared in the same step."""
    fields = ("company_name", "company_address")
    places = [
        field if draft.get(field) else "type"
        for field in fields
        if draft.get(field) or getattr(account, field) is not None
    ]
    for place in dict.fromkeys(places):
        problems.add(
            (place,),
            ErrorCode.INVALID,
            "Only an account of the type COMPANY has a company's name and address.",
        )


async def _made_name(unit: Unit, account: Account, contacts: Sequence[Contact]) -> str | None:
    """The company's name, or the first contact's; None where neither is known."""
    if account.type is AccountType.COMPANY and account.company_name:
        return suggest(account.company_name)
    first = contacts[0] if contacts else await account_contacts.first_contact(unit, account)
    return suggest(first.name) if first else None


async def _set_reference(
    unit: Unit, problems: Problems, account: Account, given: str | None
) -> None:
    place = ("external_reference",)
    account.external_reference = texts.clean(problems, place, given, most=texts.REFERENCE_LENGTH)
    if account.external_reference is not None and await unit.session.scalar(
        select(Account.id).where(
            Account.external_reference == account.external_reference, Account.id != account.id
        )
    ):
        problems.add(
            place,
            ErrorCode.TAKEN,
            "Another one of the firm has this external reference already.",
        )


async def _next_number(unit: Unit) -> str:
    """The firm's next account number. Other firms' rows are others, and never wait."""
    return f"M-{await _count_on.run(unit.session)}"
