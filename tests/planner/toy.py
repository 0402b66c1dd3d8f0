"""A small schema over the real tables and one of its own, and what its types declare."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from graphql import GraphQLScalarType, GraphQLSchema, build_schema
from sqlalchemy import bindparam
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

import models
from models.base import Document, FirmOwned, Key, Timestamp, Unaudited
from models.folding import like, words
from planner import (
    Arguments,
    ById,
    ByIds,
    BySlug,
    ByStoredId,
    Composite,
    Count,
    OneOf,
    Related,
    Shape,
    Spec,
    Value,
)

SDL = """
scalar DateTime
scalar Date
scalar JSON
interface Node { id: ID! }
union Viewer = Member | PortalUser

type Query {
  firm: Firm!
  viewer: Viewer
  portal(firm: String!): PortalFirm
  node(id: ID!): Node
  nodes(ids: [ID!]!): [Node]!
  account(id: ID!): Account
  accounts(first: Int, after: String, last: Int, before: String,
           filter: AccountFilter, orderBy: AccountOrder): AccountConnection!
  contacts(first: Int, after: String, last: Int, before: String,
           orderBy: ContactOrder): ContactConnection!
  members: [Member!]!
  events(first: Int, after: String, last: Int, orderBy: EventOrder): EventConnection!
  notifications(first: Int, after: String, unreadOnly: Boolean): NotificationConnection!
}
type Mutation { touch(id: ID!): TouchPayload! }
type TouchPayload { account: Account accounts: [Account!]! errors: [String!]! }

input AccountFilter { search: String type: AccountType types: [AccountType!] since: DateTime }
input AccountOrder { field: AccountOrderField! = NAME direction: Direction! = ASC }
input ContactOrder { field: ContactOrderField! = LAST_NAME direction: Direction! = ASC }
enum AccountOrderField { NAME CREATED_AT }
enum ContactOrderField { LAST_NAME EMAIL }
input EventOrder { field: EventOrderField! = DAY direction: Direction! = ASC }
enum EventOrderField { DAY }
enum Direction { ASC DESC }
enum AccountType { INDIVIDUAL COMPANY OTHER }
enum PortalStatus { OFF NOT_INVITED PENDING ACTIVE }
enum Locale { DE EN }

type PageInfo {
  hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String
}
type Firm implements Node { id: ID! name: String! slug: String! locale: Locale! signUpEnabled: Boolean! signUpUrl: String }
type Member implements Node { id: ID! email: String! permissions: [String!]! createdAt: DateTime! }
type PortalFirm { name: String! slug: String! }
type Event implements Node {
  id: ID! day: Date! changes: JSON actor: Viewer subject: Node
}
type PortalUser implements Node { id: ID! email: String! firm: Firm! accounts: [Account!]! }
type Address { street: String postalCode: String city: String }
type Phone { number: String! position: Int! }
type Folder { id: ID! path: String! access: String! }
type Account implements Node {
  id: ID! number: String! externalReference: String type: AccountType! name: String!
  companyAddress: Address createdAt: DateTime! portalStatus: PortalStatus!
  contacts(first: Int, after: String, last: Int, before: String): AccountContactConnection!
  folders: [Folder!]! assignees: [Member!]!
}
type Contact implements Node {
  id: ID! name: String! email: String address: Address phones: [Phone!]!
  accounts(first: Int, after: String, last: Int, before: String, loginOnly: Boolean,
           orderBy: EntryOrder): AccountContactConnection!
}
input EntryOrder { field: EntryOrderField! = CREATED_AT direction: Direction! = ASC }
enum EntryOrderField { CREATED_AT }
type AccountContact implements Node {
  id: ID! account: Account! contact: Contact! login: Boolean! notify: Boolean!
  portalStatus: PortalStatus! invitation: Invitation
}
type Invitation implements Node {
  id: ID! status: String! message: String sendCount: Int! acceptedAt: DateTime sentBy: Member
}
type Notification implements Node { id: ID! title: String! readAt: DateTime account: Account }

type AccountConnection {
  edges: [AccountEdge!]! nodes: [Account!]! pageInfo: PageInfo! totalCount: Int!
}
type AccountEdge { cursor: String! node: Account! }
type ContactConnection {
  edges: [ContactEdge!]! nodes: [Contact!]! pageInfo: PageInfo! totalCount: Int!
}
type ContactEdge { cursor: String! node: Contact! }
type AccountContactConnection {
  edges: [AccountContactEdge!]! nodes: [AccountContact!]! pageInfo: PageInfo! totalCount: Int!
}
type AccountContactEdge { cursor: String! node: AccountContact! }
type NotificationConnection {
  edges: [NotificationEdge!]! nodes: [Notification!]! pageInfo: PageInfo!
  totalCount: Int! unreadCount: Int!
}
type EventConnection { edges: [EventEdge!]! nodes: [Event!]! pageInfo: PageInfo! totalCount: Int! }
type EventEdge { cursor: String! node: Event! }
type NotificationEdge { cursor: String! node: Notification! }
"""


class ToyBase(DeclarativeBase): ...


class Event(FirmOwned, ToyBase):
    """Something that a member or a client did to anything, on a day."""

    __tablename__ = "toy_events"
    audit = Unaudited("It is a toy.")
    id_prefix = "even"

    day: Mapped[date]
    changes: Mapped[Any] = mapped_column(Document, nullable=True)
    member_id: Mapped[str | None] = mapped_column(Key)
    portal_user_id: Mapped[str | None] = mapped_column(Key)
    subject_id: Mapped[str | None] = mapped_column(Key)


ROWS: dict[str, type] = {
    name: getattr(models, name)
    for name in (
        "Firm Member PortalUser Account Contact AccountContact Invitation Notification Phone Folder"
    ).split()
}
ROWS |= {"PortalFirm": models.Firm, "Event": Event}
NODES = {
    model.id_prefix: name
    for name, model in ROWS.items()
    if name not in ("Phone", "Folder", "Firm", "PortalFirm")
}


def filter_accounts(account: Any, arguments: Arguments) -> list[Any]:
    chosen = arguments.object("filter")
    if chosen is None:
        return []
    conditions: list[Any] = []
    for place in range(chosen.derive("search", lambda text: len(words(text or "")))):
        pattern = chosen.bind("search", lambda text, place=place: like(words(text)[place][0]))
        conditions.append(account.search_text.like(pattern, escape="\\"))
    if chosen.given("type"):
        conditions.append(account.type == chosen.choice("type"))
    if chosen.given("types"):
        conditions.append(chosen.any_of("types", account.type))
    if chosen.given("since"):
        conditions.append(account.created_at >= chosen.bind("since", None, Timestamp()))
    return conditions


def filter_notifications(notification: Any, arguments: Arguments) -> list[Any]:
    return [notification.read_at.is_(None)] if arguments.choice("unreadOnly") else []


def filter_entries(entry: Any, arguments: Arguments) -> list[Any]:
    return [entry.login.is_(True)] if arguments.choice("loginOnly") else []


def accounts_of_user(user: Any, account: Any) -> Any:
    entry, contact = models.AccountContact, models.Contact
    return account.contacts.any(
        entry.login.is_(True)
        & entry.contact.has(
            (contact.email_key == user.email_key) & (contact.firm_id == user.firm_id)
        )
    )


FIELDS: dict[str, Spec] = {
    "Query.firm": Related(shape=Shape.ONE),
    "Query.viewer": OneOf(
        {
            "Member": Related(shape=Shape.ONE, on=lambda member: member.is_caller),
            "PortalUser": Related(shape=Shape.ONE, on=lambda user: user.is_caller),
        }
    ),
    "Query.portal": BySlug("firm"),
    "Query.events": Related(shape=Shape.PAGED, orders={"DAY": ("day",)}, default_order="DAY"),
    "Event.actor": OneOf(
        {
            "Member": Related(shape=Shape.ONE, on=lambda event, one: one.id == event.member_id),
            "PortalUser": Related(
                shape=Shape.ONE, on=lambda event, one: one.id == event.portal_user_id
            ),
        }
    ),
    "Event.subject": ByStoredId("subject_id", NODES),
    "Query.node": ById(types=NODES),
    "Query.nodes": ByIds(types=NODES),
    "Query.account": ById(),
    "Query.accounts": Related(
        shape=Shape.PAGED,
        filters=filter_accounts,
        orders={"NAME": ("name_key",), "CREATED_AT": ("created_at",)},
        default_order="NAME",
    ),
    "Query.contacts": Related(
        shape=Shape.PAGED,
        orders={"LAST_NAME": ("last_name_key", "first_name_key"), "EMAIL": ("email_key",)},
        default_order="LAST_NAME",
    ),
    "Query.members": Related(shape=Shape.MANY),
    "Query.notifications": Related(
        shape=Shape.PAGED,
        on=lambda row: row.member_id == bindparam("member_id", type_=row.member_id.type),
        filters=filter_notifications,
        descending=True,
    ),
    "NotificationConnection.unreadCount": Count(lambda row: row.read_at.is_(None)),
    "PortalUser.firm": Related(shape=Shape.ONE, on=lambda user, firm: firm.id == user.firm_id),
    "PortalUser.accounts": Related(shape=Shape.MANY, on=accounts_of_user, order=("name_key",)),
    "Account.companyAddress": Composite("company_address"),
    "Account.contacts": Related(shape=Shape.PAGED, attribute="contacts"),
    "Account.folders": Related(shape=Shape.MANY, attribute="folders"),
    "Account.assignees": Related(shape=Shape.MANY, attribute="assignees"),
    "Contact.address": Composite("address"),
    "Contact.phones": Related(shape=Shape.MANY, attribute="phones"),
    "Contact.accounts": Related(
        shape=Shape.PAGED,
        attribute="accounts",
        filters=filter_entries,
        orders={"CREATED_AT": ("created_at",)},
    ),
    "AccountContact.account": Related(shape=Shape.ONE, attribute="account"),
    "AccountContact.contact": Related(shape=Shape.ONE, attribute="contact"),
    "AccountContact.invitation": Related(
        shape=Shape.FIRST, attribute="invitations", order=("-id",)
    ),
    "Invitation.sentBy": Related(shape=Shape.ONE, attribute="sent_by"),
    "Notification.account": Related(shape=Shape.ONE, attribute="account"),
}


def snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


class Toy:
    """The declarations: what is not named above is an attribute of the same name."""

    def rows(self, type_name: str) -> type | None:
        return ROWS.get(type_name)

    def field(self, type_name: str, field_name: str) -> Spec | None:
        spec = FIELDS.get(f"{type_name}.{field_name}")
        if spec is None and (type_name in ROWS or type_name == "Address"):
            return Value(snake(field_name))
        return spec


def toy_schema() -> GraphQLSchema:
    """The schema, with moments read as such."""
    schema = build_schema(SDL)
    moments = schema.type_map["DateTime"]
    assert isinstance(moments, GraphQLScalarType)
    moments.coerce_input_value = datetime.fromisoformat
    return schema
