"""Contacts: the real people."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

import models
from auth.permissions import MEMBERS
from planner.declare import ById, Related, Shape
from resolvers import contacts, merging, searching
from schema.account_contacts import AccountContactConnection
from schema.connections import connection
from schema.context import Info, read, write
from schema.custom_fields import (
    CustomFieldFilter,
    CustomFieldValue,
    CustomFieldValueInput,
    values_of,
)
from schema.enums import ContactOrderField, CustomFieldTarget, Direction, Locale
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
from schema.node import Node
from schema.payloads import DeletePayload
from schema.shared import Address, AddressInput, OtherEmail, Phone, PhoneInput
from schema.tags import Tag, TagFilter


@rows(models.Contact)
@strawberry.type(description="A real person, with a name and perhaps an e-mail address.")
class Contact(Node):
    external_reference: str | None = value(
        "The firm's own key from another system; unique in the firm."
    )
    first_name: str | None = value("The first name.")
    middle_name: str | None = value("The middle name.")
    last_name: str | None = value("The last name.")
    name: str = value("First and last name as people read it.")
    company_name: str | None = value("The company that the person works for.")
    email: str | None = value("The e-mail address; without one, nobody can sign in.")
    other_emails: list[OtherEmail] = planned(
        "Addresses of contacts that were merged into this one. Whoever signs in with one of them "
        "enters where this contact may; nothing is sent there.",
        Related(shape=Shape.MANY, attribute="other_emails"),
    )
    phones: list[Phone] = planned(
        "Telephone numbers, in the order in which they were given.",
        Related(shape=Shape.MANY, attribute="phones"),
    )
    address: Address | None = composite("The postal address.", "address")
    locale: Locale | None = value("The language to write in; the firm's when null.")
    tags: list[Tag] = planned(
        "The tags that it carries, by name.", Related(shape=Shape.MANY, attribute="tags")
    )
    custom_fields: list[CustomFieldValue] = values_of(CustomFieldTarget.CONTACT)
    accounts = page(
        AccountContactConnection,
        "The accounts that the person is in, the oldest link first.",
        Related(shape=Shape.PAGED, attribute="accounts"),
    )
    created_at: datetime = value("When it was created.")
    updated_at: datetime = value("When it was last changed.")


ContactConnection = connection(Contact, "contacts")


@strawberry.input(description="Which contacts; all conditions hold together.")
class ContactFilter:
    search: str | None = optional(
        "Words in the name, the company, the e-mail address, a telephone number or a custom "
        "field, whatever their case and accents."
    )
    has_account: bool | None = optional("Whether the contact is in any account.")
    tags: TagFilter | None = optional("Which tags it carries.")
    custom_fields: list[CustomFieldFilter] | None = optional(
        "What its custom fields hold; all of these, 20 at most."
    )
    email: str | None = optional("Exactly this e-mail address.")


@strawberry.input(description="How a list of contacts is ordered.")
class ContactOrder:
    field: ContactOrderField = given("By what.", ContactOrderField.LAST_NAME)
    direction: Direction = given("Which way.", Direction.ASC)


@strawberry.input(description="A new contact: a name, a company or an e-mail address at least.")
class CreateContactInput:
    external_reference: str | None = optional(
        "The firm's own key from another system; unique in the firm, 100 characters at most."
    )
    first_name: str | None = optional("The first name.")
    middle_name: str | None = optional("The middle name.")
    last_name: str | None = optional("The last name.")
    company_name: str | None = optional("The company that the person works for.")
    email: str | None = optional("The e-mail address.")
    phones: list[PhoneInput] | None = optional("Telephone numbers, 20 at most.")
    address: AddressInput | None = optional("The postal address.")
    locale: Locale | None = optional("The language to write in; the firm's when left out.")
    tag_ids: list[strawberry.ID] | None = optional("The tags that it carries.")
    custom_fields: list[CustomFieldValueInput] | None = optional(
        "Custom fields to fill in or clear. In a new contact those that are required have to be "
        "there; in a change, those that are not listed stay as they are."
    )


@strawberry.input(
    description="Changes to a contact. What is left out stays as it is, and null clears it."
)
class UpdateContactInput(CreateContactInput):
    id: strawberry.ID = strawberry.field(description="The contact.")
    other_emails: list[str] | None = optional(
        "Which of its `otherEmails` stay. Whoever signs in with one that does not loses the access "
        "that it gave, at once."
    )


@strawberry.input(description="Whose value stays in a custom field that the contacts differ in.")
class MergeFieldChoiceInput:
    field_id: strawberry.ID = strawberry.field(description="The custom field, one of contacts.")
    contact_id: strawberry.ID = strawberry.field(
        description="The contact whose value stays, of MULTI_SELECT with all of its options."
    )


@strawberry.input(
    description="Whose value stays in a field that the contacts differ in: the id of one of them."
)
class MergeChoicesInput:
    external_reference: strawberry.ID | None = optional("The firm's own key.")
    first_name: strawberry.ID | None = optional("The first name.")
    middle_name: strawberry.ID | None = optional("The middle name.")
    last_name: strawberry.ID | None = optional("The last name.")
    company_name: strawberry.ID | None = optional("The company.")
    email: strawberry.ID | None = optional(
        "The e-mail address that is written to. The others stay as `otherEmails`."
    )
    address: strawberry.ID | None = optional("The postal address.")
    locale: strawberry.ID | None = optional("The language to write in.")
    custom_fields: list[MergeFieldChoiceInput] | None = optional(
        "The firm's own fields; each once, 200 at most. Without a choice, the path of the refusal "
        "is `choices`, `customFields` and the field's id."
    )


@strawberry.input(description="Contacts that are one person.")
class MergeContactsInput:
    keep_id: strawberry.ID = strawberry.field(description="The contact that stays.")
    merge_ids: list[strawberry.ID] = strawberry.field(
        description="The contacts that become part of it, 20 at most."
    )
    choices: MergeChoicesInput | None = optional(
        "For each field that they differ in. Without a choice, such a field is refused with "
        "CONFLICT, and the values stand in the message."
    )
    dry_run: bool = given("Only shows what would come of it; writes nothing.", False)


@strawberry.type(description="A contact, as it stands after the write.")
class ContactPayload:
    contact: Contact | None = strawberry.field(
        default=None, description="The contact; null where nothing was written."
    )
    possible_duplicates: list[Contact] = duplicates_field()
    errors: list[UserError] = errors_field()


@strawberry.type
class ContactQuery:
    @root(MEMBERS, ById())
    async def contact(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Its id.")]
    ) -> Contact | None:
        """Members: a contact by its id; null where the firm has none such."""
        return await read(info)

    @root(
        MEMBERS,
        Related(
            shape=Shape.PAGED,
            filters=searching.contacts_matching,
            dear=searching.looks_elsewhere,
            orders=searching.CONTACT_ORDERS,
            default_order="LAST_NAME",
        ),
    )
    async def contacts(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[
            ContactFilter | None, strawberry.argument(description="Which ones.")
        ] = None,
        order_by: Annotated[
            ContactOrder | None, strawberry.argument(description="In which order.")
        ] = None,
    ) -> ContactConnection:  # pyright: ignore[reportInvalidTypeForm]
        """Members: the firm's contacts, a page at a time."""
        return await read(info)


@strawberry.type
class ContactMutation:
    @mutation(contacts.create_contact)
    async def create_contact(self, info: Info, input: CreateContactInput) -> ContactPayload:
        """Needs MANAGE_CONTACTS. Creates a contact that is in no account yet. Sends nothing."""
        return await write(info, ContactPayload, input)

    @mutation(contacts.update_contact)
    async def update_contact(self, info: Info, input: UpdateContactInput) -> ContactPayload:
        """Needs MANAGE_CONTACTS. Changes a contact. A changed e-mail address kills the
        invitation links that went to the old one. Sends nothing."""
        return await write(info, ContactPayload, input)

    @mutation(merging.merge_contacts)
    async def merge_contacts(self, info: Info, input: MergeContactsInput) -> ContactPayload:
        """Needs MANAGE_CONTACTS (and MANAGE_PORTAL_ACCESS where contacts with different e-mail
        addresses may enter the portal). Makes one contact of several: it keeps every account,
        switch, tag, telephone number and address, and whoever could sign in still can. The
        merged contacts are gone for good. Sends nothing."""
        return await write(info, ContactPayload, input)

    @mutation(contacts.delete_contact)
    async def delete_contact(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Its id.")]
    ) -> DeletePayload:
        """Needs MANAGE_CONTACTS. Deletes a contact and takes it out of its accounts; refused
        where it is an account's only one. Sends nothing."""
        return await write(info, DeletePayload, id=id)
