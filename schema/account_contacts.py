"""Contacts in accounts, and the three switches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

import models
from planner.declare import Related, Shape
from resolvers import account_contacts
from schema.connections import connection
from schema.context import Info, write
from schema.enums import PortalStatus
from schema.errors import UserError
from schema.fields import (
    duplicates_field,
    errors_field,
    given,
    mutation,
    optional,
    planned,
    rows,
    value,
)
from schema.invitations import Invitation, InviteInput
from schema.node import Node
from schema.payloads import DeletePayload

if TYPE_CHECKING:
    from schema.accounts import Account
    from schema.contacts import Contact, CreateContactInput


@rows(models.AccountContact)
@strawberry.type(description="A contact in an account, and what it may do there.")
class AccountContact(Node):
    account: Annotated["Account", strawberry.lazy("schema.accounts")] = planned(
        "The account.", Related(shape=Shape.ONE, attribute="account")
    )
    contact: Annotated["Contact", strawberry.lazy("schema.contacts")] = planned(
        "The contact.", Related(shape=Shape.ONE, attribute="contact")
    )
    login: bool = value("May enter the portal to this account.")
    notify: bool = value("Receives the system's notifications about this account.")
    sync: bool = value("E-mail with this contact is shown in the account.")
    portal_status: PortalStatus = value("How far portal access has come.")
    invitation: Invitation | None = planned(
        "The newest invitation to this account, if one was ever sent.",
        Related(shape=Shape.FIRST, attribute="invitations", order=("-id",)),
    )


AccountContactConnection = connection(AccountContact, "contacts in accounts")


@strawberry.input(one_of=True, description="A contact: exactly one of them.")
class ContactReference:
    id: strawberry.ID | None = optional("One that the firm has already.")
    new: Annotated["CreateContactInput", strawberry.lazy("schema.contacts")] | None = optional(
        "One that is created in the same step. Needs MANAGE_CONTACTS as well."
    )


@strawberry.input(description="A contact on its way into an account.")
class AccountContactInput:
    contact: ContactReference = strawberry.field(description="Which contact.")
    login: bool = given(
        "May enter the portal to this account. Needs an e-mail address, and MANAGE_PORTAL_ACCESS.",
        False,
    )
    notify: bool = given("Receives the system's notifications about this account.", True)
    sync: bool = given("E-mail with this contact is shown in the account.", True)
    invite: InviteInput | None = optional(
        "Sends the invitation at once; left out, it is skipped for now."
    )


@strawberry.input(description="A contact, new or existing, for an account.")
class AddAccountContactInput:
    account_id: strawberry.ID = strawberry.field(description="The account.")
    contact: AccountContactInput = strawberry.field(description="The contact, and what it may do.")


@strawberry.input(
    description="Changes to a contact in an account. What is left out or null stays as it is."
)
class UpdateAccountContactInput:
    id: strawberry.ID = strawberry.field(description="The contact in the account.")
    login: bool | None = optional("May enter the portal to this account.")
    notify: bool | None = optional("Receives the system's notifications about this account.")
    sync: bool | None = optional("E-mail with this contact is shown in the account.")
    invite: InviteInput | None = optional("Sends the invitation in the same step.")


@strawberry.type(description="A contact in an account, as it stands after the write.")
class AccountContactPayload:
    account_contact: AccountContact | None = strawberry.field(
        default=None, description="The contact in the account; null where nothing was written."
    )
    possible_duplicates: list[Annotated["Contact", strawberry.lazy("schema.contacts")]] = (
        duplicates_field()
    )
    errors: list[UserError] = errors_field()


@strawberry.type
class AccountContactMutation:
    @mutation(account_contacts.add_account_contact)
    async def add_account_contact(
        self, info: Info, input: AddAccountContactInput
    ) -> AccountContactPayload:
        """Links a contact, new or existing, to an account. Needs MANAGE_ACCOUNTS (and
        MANAGE_PORTAL_ACCESS for LOGIN, MANAGE_CONTACTS for a new contact). Sends the
        invitation where `invite` is given."""
        return await write(info, AccountContactPayload, input)

    @mutation(account_contacts.update_account_contact)
    async def update_account_contact(
        self, info: Info, input: UpdateAccountContactInput
    ) -> AccountContactPayload:
        """Turns LOGIN, NOTIFY and SYNC on or off; may invite in the same step. Needs
        MANAGE_PORTAL_ACCESS. LOGIN off closes the account for the contact at once. Sends the
        invitation where `invite` is given."""
        return await write(info, AccountContactPayload, input)

    @mutation(account_contacts.remove_account_contact)
    async def remove_account_contact(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID, strawberry.argument(description="The contact in the account.")
        ],
    ) -> DeletePayload:
        """Takes a contact out of an account, which closes for it at once; never the last one.
        Needs MANAGE_ACCOUNTS. Sends nothing."""
        return await write(info, DeletePayload, id=id)
