"""Accounts: the units that the firm serves."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

import models
from auth.permissions import MEMBERS
from planner.declare import ById, Related, Shape
from resolvers import accounts, searching
from schema.account_contacts import AccountContactConnection, AccountContactInput
from schema.connections import connection
from schema.context import Info, read, write
from schema.custom_fields import (
    CustomFieldFilter,
    CustomFieldValue,
    CustomFieldValueInput,
    values_of,
)
from schema.enums import (
    AccountOrderField,
    AccountStatus,
    AccountType,
    CreatedVia,
    CustomFieldTarget,
    Direction,
    PortalStatus,
)
from schema.errors import UserError
from schema.fields import (
    After,
    Before,
    First,
    Last,
    composite,
    duplicates_field,
    errors_field,
    given,
    mutation,
    optional,
    page,
    planned,
    root,
    rows,
    value,
)
from schema.folders import Folder
from schema.members import Member
from schema.node import Node
from schema.payloads import DeletePayload
from schema.shared import Address, AddressInput, DateTimeRange
from schema.tags import Tag, TagFilter

if TYPE_CHECKING:
    from schema.contacts import Contact


@rows(models.Account)
@strawberry.type(
    description="The unit that the firm serves: a person or family, a company, or other."
)
class Account(Node):
    number: str = value(
        "Short, unique in the firm, never changes: M-1042. People find accounts by it."
    )
    external_reference: str | None = value(
        "The firm's own key from another system; unique in the firm."
    )
    type: AccountType = value("Whom it is for.")
    status: AccountStatus = value("Whether it is in use.")
    name: str = value("What it is called.")
    company_name: str | None = value("The company's name.")
    company_address: Address | None = composite("The company's address.", "company_address")
    contacts = page(
        AccountContactConnection,
        "Its contacts, the oldest link first.",
        Related(shape=Shape.PAGED, attribute="contacts"),
    )
    tags: list[Tag] = planned(
        "The tags that it carries, by name.", Related(shape=Shape.MANY, attribute="tags")
    )
    folders: list[Folder] = planned(
        "Its folders, by path.", Related(shape=Shape.MANY, attribute="folders")
    )
    custom_fields: list[CustomFieldValue] = values_of(CustomFieldTarget.ACCOUNT)
    assignees: list[Member] = planned(
        "The members who look after it.",
        Related(shape=Shape.MANY, attribute="assignees", order=("last_name",)),
    )
    portal_status: PortalStatus = value(
        "How far portal access has come: the furthest of its contacts."
    )
    created_via: CreatedVia = value("How it came to be.")
    created_at: datetime = value("When it was created.")
    updated_at: datetime = value("When it was last changed.")


AccountConnection = connection(Account, "accounts")


@strawberry.input(description="Which accounts; all conditions hold together.")
class AccountFilter:
    search: str | None = optional(
        "Words in the name, the company, the number, a custom field, or a contact's name or e-mail "
        "address, whatever their case and accents."
    )
    type: AccountType | None = optional("Only this type.")
    status: AccountStatus | None = optional("ACTIVE when left out.")
    portal_status: list[PortalStatus] | None = optional(
        "Any of these; [PENDING] lists who has not activated yet."
    )
    tags: TagFilter | None = optional("Which tags it carries.")
    custom_fields: list[CustomFieldFilter] | None = optional(
        "What its custom fields hold; all of these, 20 at most."
    )
    assignee_ids: list[strawberry.ID] | None = optional("Looked after by any of these members.")
    created_at: DateTimeRange | None = optional("Created in this span of time.")


@strawberry.input(description="How a list of accounts is ordered.")
class AccountOrder:
    field: AccountOrderField = given("By what.", AccountOrderField.NAME)
    direction: Direction = given("Which way.", Direction.ASC)


@strawberry.input(description="A new account with its contacts.")
class CreateAccountInput:
    type: AccountType = strawberry.field(description="Whom it is for.")
    external_reference: str | None = optional(
        "The firm's own key from another system; unique in the firm, 100 characters at most."
    )
    name: str | None = optional(
        "Made from the first contact's name (INDIVIDUAL) or the company's (COMPANY) when left out."
    )
    company_name: str | None = optional("Only for COMPANY.")
    company_address: AddressInput | None = optional("Only for COMPANY.")
    tag_ids: list[strawberry.ID] | None = optional("The tags that it carries.")
    folder_template_id: strawberry.ID | None = optional(
        "The folders that it starts with; those of the firm's default template when left out, "
        "and one folder for uploads where the firm has none."
    )
    custom_fields: list[CustomFieldValueInput] | None = optional(
        "Its custom fields; those that are required have to be there."
    )
    assignee_ids: list[strawberry.ID] | None = optional("The members who look after it.")
    contacts: list[AccountContactInput] = strawberry.field(description="At least one.")
    idempotency_key: str | None = optional(
        "The same key with the same input answers the same again and writes nothing; kept for "
        "24 hours."
    )


@strawberry.input(
    description="Changes to an account. What is left out stays as it is, and null clears it."
)
class UpdateAccountInput:
    id: strawberry.ID = strawberry.field(description="The account.")
    external_reference: str | None = optional("The firm's own key from another system.")
    type: AccountType | None = optional("Whom it is for.")
    name: str | None = optional("What it is called; null makes it from the contact or company.")
    company_name: str | None = optional("Only for COMPANY.")
    company_address: AddressInput | None = optional("Only for COMPANY.")
    tag_ids: list[strawberry.ID] | None = optional("The tags that it carries from now on.")
    custom_fields: list[CustomFieldValueInput] | None = optional(
        "Custom fields to fill in or clear; those that are not listed stay as they are."
    )
    assignee_ids: list[strawberry.ID] | None = optional("The members who look after it.")


@strawberry.type(description="An account, as it stands after the write.")
class AccountPayload:
    account: Account | None = strawberry.field(
        default=None, description="The account; null where nothing was written."
    )
    possible_duplicates: list[Annotated["Contact", strawberry.lazy("schema.contacts")]] = (
        duplicates_field()
    )
    errors: list[UserError] = errors_field()


@strawberry.type(description="Many accounts, as they stand after the write.")
class AccountsPayload:
    accounts: list[Account] = strawberry.field(
        default_factory=list,
        description="The accounts that it is over, changed or not; none where it was refused.",
    )
    count: int = strawberry.field(
        default=0, description="How many were changed; in a dry run, how many would be."
    )
    errors: list[UserError] = errors_field()


@strawberry.type
class AccountQuery:
    @root(MEMBERS, ById())
    async def account(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Its id.")]
    ) -> Account | None:
        """Members: an account by its id; null where the firm has none such."""
        return await read(info)

    @root(
        MEMBERS,
        Related(
            shape=Shape.PAGED,
            filters=searching.accounts_matching,
            dear=searching.looks_elsewhere,
            orders=searching.ACCOUNT_ORDERS,
            default_order="NAME",
        ),
    )
    async def accounts(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[
            AccountFilter | None, strawberry.argument(description="Which ones; active ones.")
        ] = None,
        order_by: Annotated[
            AccountOrder | None, strawberry.argument(description="In which order; by name.")
        ] = None,
    ) -> AccountConnection:  # pyright: ignore[reportInvalidTypeForm]
        """Members: the firm's accounts, a page at a time. `filter: {portalStatus: [PENDING]}`
        is the list of pending activation."""
        return await read(info)


@strawberry.type
class AccountMutation:
    @mutation(accounts.create_account)
    async def create_account(self, info: Info, input: CreateAccountInput) -> AccountPayload:
        """Creates an account with its contacts and folders, all or nothing. Needs
        MANAGE_ACCOUNTS (and MANAGE_CONTACTS for new contacts, MANAGE_PORTAL_ACCESS for LOGIN).
        Sends an invitation to each contact with `invite`."""
        return await write(info, AccountPayload, input)

    @mutation(accounts.update_account)
    async def update_account(self, info: Info, input: UpdateAccountInput) -> AccountPayload:
        """Needs MANAGE_ACCOUNTS. Changes what is known of an account. Sends nothing."""
        return await write(info, AccountPayload, input)

    @mutation(accounts.delete_account)
    async def delete_account(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="An archived account.")],
    ) -> DeletePayload:
        """Needs MANAGE_ACCOUNTS. Deletes an archived account for good; its contacts stay. Sends
        nothing."""
        return await write(info, DeletePayload, id=id)
