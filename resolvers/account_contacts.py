"""Account contacts: contacts in accounts, and the three switches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NotRequired, TypedDict

from sqlalchemy import func, select

from auth.permissions import allow
from models import Account, AccountContact, Contact
from models.enums import AccountStatus, Permission
from resolvers import inviting
from resolvers.contacts import ContactDraft, draft_contact
from resolvers.duplicates import possible_duplicates
from resolvers.refusal import ErrorCode, Place, Problems, refuse
from resolvers.unit import Unit


class InviteDraft(TypedDict, total=False):
    """An invitation to be sent in the same step."""

    message: str | None


class ContactReference(TypedDict, total=False):
    """An existing contact by its id, or a new one; exactly one of them."""

    id: str
    new: ContactDraft


class EntryDraft(TypedDict):
    """A contact on its way into an account."""

    contact: ContactReference
    login: bool
    notify: bool
    sync: bool
    invite: NotRequired[InviteDraft | None]


@dataclass(frozen=True)
class Entry:
    """A contact that was put into an account, and the invitation that was asked for."""

    row: AccountContact
    contact: Contact
    invite: InviteDraft | None
    is_new: bool = False


@dataclass(frozen=True)
class NewAccountContact:
    """A contact that was put into an account; where it is new, who may be the same person."""

    account_contact: AccountContact
    possible_duplicates: list[Contact]


@allow(Permission.MANAGE_ACCOUNTS)
async def add_account_contact(
    unit: Unit, *, account_id: str, contact: EntryDraft
) -> NewAccountContact:
    """Puts a contact, new or existing, into an account."""
    account = await unit.find(Account, account_id, lock=True)
    if account is None:
        raise refuse(("account_id",), ErrorCode.NOT_FOUND, "There is no such account.")
    problems = Problems()
    entry = await draft_entry(unit, problems, ("contact",), account, contact)
    if entry is not None and await _is_in(unit, account, entry.contact):
        problems.add(
            ("contact", "contact", "id"),
            ErrorCode.CONFLICT,
            "This contact is in the account already.",
        )
    problems.settle()
    assert entry is not None
    account.updated_at = unit.now
    if entry.invite is not None:
        await _invite(unit, entry.row, entry.contact, account, entry.invite, ("contact", "invite"))
    return NewAccountContact(entry.row, await duplicates_of(unit, [entry]))


async def duplicates_of(unit: Unit, entries: Sequence[Entry]) -> list[Contact]:
    """Those who may be the same persons as the new contacts among *entries*."""
    return await possible_duplicates(unit, [entry.contact for entry in entries if entry.is_new])


@allow(Permission.MANAGE_PORTAL_ACCESS)
async def update_account_contact(
    unit: Unit,
    *,
    id: str,
    login: bool | None = None,
    notify: bool | None = None,
    sync: bool | None = None,
    invite: InviteDraft | None = None,
) -> AccountContact:
    """Turns the switches. LOGIN off closes the account at once, and kills its invitation."""
    row = await unit.find(AccountContact, id, lock=True)
    if row is None:
        raise account_contact_not_found(("id",))
    contact = await unit.find(Contact, row.contact_id, lock=True)
    account = await unit.find(Account, row.account_id)
    assert contact is not None and account is not None
    if login and contact.email is None:
        raise _no_address(("login",))
    opened = bool(login) and not row.login
    if login is not None:
        row.login = login
    if notify is not None:
        row.notify = notify
    if sync is not None:
        row.sync = sync
    if not row.login:
        await inviting.revoke_of(unit, [row.id])
    if invite is not None:
        problems = Problems()
        inviting.check_message(problems, ("invite", "message"), invite.get("message"))
        if row.login:
            await inviting.check_again(unit, problems, ("invite",), row, contact, reopened=opened)
        problems.settle()
        await _invite(unit, row, contact, account, invite, ("invite",))
    return row


@allow(Permission.MANAGE_ACCOUNTS)
async def remove_account_contact(unit: Unit, *, id: str) -> str:
    """Takes a contact out of an account, which closes for it at once; never the last one."""
    row = await unit.find(AccountContact, id)
    if row is None:
        raise account_contact_not_found(("id",))
    account = await unit.find(Account, row.account_id, lock=True)
    count = await unit.session.scalar(
        select(func.count())
        .select_from(AccountContact)
        .where(AccountContact.account_id == row.account_id)
    )
    if count == 1:
        raise refuse(("id",), ErrorCode.LAST_CONTACT, "An account needs at least one contact.")
    assert account is not None
    account.updated_at = unit.now
    await unit.session.delete(row)
    return id


def account_contact_not_found(place: Place) -> Exception:
    """The refusal for an id that is no account contact of the firm."""
    return refuse(place, ErrorCode.NOT_FOUND, "There is no such contact in an account.")


async def draft_entry(
    unit: Unit, problems: Problems, place: Place, account: Account, draft: EntryDraft
) -> Entry | None:
    """Puts a contact into *account*; what is wrong with it goes to *problems*."""
    contact = await _referred(unit, problems, (*place, "contact"), draft["contact"])
    if contact is None:
        return None
    invite = draft.get("invite")
    if draft["login"] or invite is not None:
        unit.require(Permission.MANAGE_PORTAL_ACCESS)
    new = draft["contact"].get("new")
    # An address that was given and refused is not missing.
    if draft["login"] and contact.email is None and not (new and new.get("email")):
        problems.add(
            (*place, "login") if new is None else (*place, "contact", "new", "email"),
            ErrorCode.EMAIL_MISSING,
            "LOGIN needs an e-mail address at the contact.",
        )
    if invite is not None and not draft["login"]:
        problems.add(
            (*place, "invite"), ErrorCode.LOGIN_OFF, "Turn LOGIN on to invite this contact."
        )
    if invite is not None:
        inviting.check_message(problems, (*place, "invite", "message"), invite.get("message"))
    row = unit.new(
        AccountContact,
        account_id=account.id,
        contact_id=contact.id,
        login=draft["login"],
        notify=draft["notify"],
        sync=draft["sync"],
        created_at=unit.now,
    )
    return Entry(row, contact, invite, is_new=new is not None)


async def _invite(
    unit: Unit,
    row: AccountContact,
    contact: Contact,
    account: Account,
    draft: InviteDraft,
    place: Place,
) -> None:
    problems = Problems()
    archived = account.status is AccountStatus.ARCHIVED
    inviting.check_ready(problems, place, contact, login=row.login, archived=archived)
    problems.settle()
    await inviting.invite(unit, row, contact, account, draft.get("message"))


async def first_contact(unit: Unit, account: Account) -> Contact | None:
    """The contact that has been in *account* longest."""
    return await unit.session.scalar(
        select(Contact)
        .join(AccountContact, AccountContact.contact_id == Contact.id)
        .where(AccountContact.account_id == account.id)
        .order_by(AccountContact.id)
        .limit(1)
    )


async def _referred(
    unit: Unit, problems: Problems, place: Place, reference: ContactReference
) -> Contact | None:
    if "new" in reference:
        unit.require(Permission.MANAGE_CONTACTS)
        return await draft_contact(unit, problems, (*place, "new"), reference["new"])
    contact = await unit.find(Contact, reference.get("id", ""), lock=True)
    if contact is None:
        problems.add((*place, "id"), ErrorCode.NOT_FOUND, "There is no such contact.")
    return contact


async def _is_in(unit: Unit, account: Account, contact: Contact) -> bool:
    return bool(
        await unit.session.scalar(
            select(AccountContact.id).where(
                AccountContact.account_id == account.id,
                AccountContact.contact_id == contact.id,
            )
        )
    )


def _no_address(place: Place) -> Exception:
    return refuse(place, ErrorCode.EMAIL_MISSING, "LOGIN needs an e-mail address at the contact.")
