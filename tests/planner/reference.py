"""The toy schema the ordinary way: graphql-core walks rows in memory, field by field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from graphql import ExecutionResult, GraphQLSchema, execute_sync, parse

from models import (
    Account,
    AccountAssignee,
    AccountContact,
    Contact,
    Folder,
    Invitation,
    Member,
    Notification,
    Phone,
)
from tests.planner.conftest import NOW, account, contact, entry, member
from tests.planner.toy import snake

ACCOUNT_ORDERS = {"NAME": ("name_key", "id"), "CREATED_AT": ("created_at", "id")}
CONTACT_ORDERS = {
    "LAST_NAME": ("last_name_key", "first_name_key", "id"),
    "EMAIL": ("email_key", "id"),
}


def moment(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def cursor(order: str, keys: Sequence[str], row: Any) -> str:
    values = [getattr(row, key) or "" for key in keys]
    texts = [moment(value) if isinstance(value, datetime) else value for value in values]
    return "\x1f".join([order, *texts]).encode().hex()


@dataclass(eq=False)
class Page:
    """A connection's rows on one page, and what its other fields say."""

    order: str
    keys: Sequence[str]
    rows: list[Any]
    total: list[Any]
    more: bool
    less: bool


def paged(
    rows: Sequence[Any],
    order: str,
    keys: Sequence[str],
    *,
    descending: bool = False,
    first: int | None = None,
    last: int | None = None,
    after: str | None = None,
    before: str | None = None,
) -> Page:
    """The page of *rows* as the contract has it."""

    def key(row: Any) -> list[Any]:
        return [getattr(row, name) or "" for name in keys]

    every = sorted(rows, key=key, reverse=descending)
    places = {cursor(order, keys, row): place for place, row in enumerate(every)}
    start = places[after] + 1 if after else 0
    end = places[before] if before else len(every)
    kept = every[start:end] if start < end else []
    size = last if last is not None else 50 if first is None else first
    shown = kept[:size] if last is None else kept[max(len(kept) - size, 0) :]
    over = len(kept) > size
    more, less = (over or before is not None, after is not None)
    if last is not None:
        more, less = (before is not None, over or after is not None)
    return Page(order, keys, shown, every, more, less)


@dataclass
class World:
    """One firm's rows, with ids that are known beforehand."""

    members: list[Member] = field(default_factory=list[Member])
    accounts: list[Account] = field(default_factory=list[Account])
    contacts: list[Contact] = field(default_factory=list[Contact])
    entries: list[AccountContact] = field(default_factory=list[AccountContact])
    others: list[Any] = field(default_factory=list[Any])

    @classmethod
    def small(cls) -> World:
        """Four accounts, five contacts, and of everything else a little."""
        world = cls()
        for number, name in enumerate(["b", "a", 'Ö "x"', "b"]):
            world.accounts.append(
                account(
                    name, id=f"acct_{number}", number=f"M-{number}",
                    external_reference=None if number % 2 else f"x{number}",
                    type=["COMPANY", "INDIVIDUAL", "OTHER", "COMPANY"][number],
                    company_address={"street": "Weg", "city": None} if number % 2 else None,
                    created_at=NOW - timedelta(microseconds=number // 2),
                )
            )  # fmt: skip
        for number, name in enumerate(["d", "c", "c", "ä", "e"]):
            mail = f"{name}@example.org" if number % 2 else None
            world.contacts.append(
                contact(name, id=f"cont_{number}", email=mail, email_key=mail,
                        first_name_key=str(-number))
            )  # fmt: skip
        world.members.extend(member(f"{name}@example.org", id=f"mem_{name}") for name in "zy")
        for number in range(9):
            world.entries.append(
                entry(
                    world.accounts[number % 3], world.contacts[(number * 2) % 5],
                    id=f"acon_{number}", login=number % 3 == 0, notify=bool(number % 2),
                )
            )  # fmt: skip
        for number, one in enumerate(world.entries[:4]):
            world.others.extend(
                Invitation(
                    id=f"inv_{number}{turn}", account_contact_id=one.id, email="e", email_key="e",
                    state="PENDING" if turn and number else "REVOKED", counter=0, delivery="SENT",
                    send_count=turn, sent_at=NOW, expires_at=NOW + timedelta(number - 2),
                    sent_by_id="mem_z" if turn else None, message=None if turn else "Hallo",
                )
                for turn in (0, 1)
            )  # fmt: skip
        for number in range(6):
            world.others += (
                Folder(id=f"fold_{number}", account_id=f"acct_{number % 3}", name="f",
                       path=f"p{5 - number}", path_key=f"p{5 - number}", access="VIEW"),
                Phone(id=f"phon_{number}", contact_id=f"cont_{number % 2}", position=9 - number,
                      number=f"+49{number}", type="WORK"),
                Notification(id=f"noti_{number}", member_id="mem_z" if number % 3 else "mem_y",
                             kind="IMPORT_FINISHED", title=str(number), created_at=NOW,
                             account_id=f"acct_{number % 4}" if number % 2 else None,
                             read_at=NOW if number == 4 else None),
                AccountAssignee(id=f"asg_{number}", account_id=f"acct_{number // 2}",
                                member_id="mem_z" if number % 2 else "mem_y"),
            )  # fmt: skip
        return world

    def rows(self) -> list[Any]:
        return [*self.members, *self.accounts, *self.contacts, *self.entries, *self.others]

    def all(self, model: type, **values: Any) -> list[Any]:
        return [
            row
            for row in self.rows()
            if isinstance(row, model)
            and all(getattr(row, name) == value for name, value in values.items())
        ]

    def one(self, id_: str | None) -> Any:
        return next((row for row in self.rows() if row.id == id_), None)

    def rank(self, one: AccountContact) -> int:
        if not one.login:
            return 0
        invited = self.all(Invitation, account_contact_id=one.id, state="PENDING")
        return 2 if invited else 1


RANKS = ["OFF", "NOT_INVITED", "PENDING", "ACTIVE"]
Resolve = Callable[..., Any]


def resolver(world: World) -> Resolve:
    """How each field of the toy schema comes from *world*, for graphql-core's own walk."""

    def page(rows: Sequence[Any], orders: dict[str, Any] | None, arguments: dict[str, Any]) -> Page:
        chosen = arguments.pop("orderBy", None) or {}
        order = chosen.get("field") or (next(iter(orders)) if orders else "ID")
        keys = orders[order] if orders else ("id",)
        return paged(rows, order, keys, descending=chosen.get("direction") == "DESC", **arguments)

    def notifications(arguments: dict[str, Any]) -> Page:
        rows = world.all(Notification, member_id="mem_z")
        if arguments.pop("unreadOnly", None):
            rows = [row for row in rows if row.read_at is None]
        return paged(rows, "ID", ("id",), descending=True, **arguments)

    def portal_status(row: Any) -> str:
        entries = world.all(AccountContact, account_id=row.id)
        return RANKS[max(map(world.rank, entries or []), default=0)]

    own: dict[str, Callable[[Any, dict[str, Any]], Any]] = {
        "Query.accounts": lambda _, a: page(world.accounts, ACCOUNT_ORDERS, a),
        "Query.contacts": lambda _, a: page(world.contacts, CONTACT_ORDERS, a),
        "Query.members": lambda _, a: sorted(world.members, key=lambda row: row.id),
        "Query.notifications": lambda _, a: notifications(a),
        "Query.account": lambda _, a: next(iter(world.all(Account, id=a["id"])), None),
        "Query.node": lambda _, a: world.one(a["id"]),
        "Query.nodes": lambda _, a: [world.one(id_) for id_ in a["ids"]],
        "Account.contacts": lambda row, a: page(
            world.all(AccountContact, account_id=row.id), None, a
        ),
        "Account.folders": lambda row, a: sorted(
            world.all(Folder, account_id=row.id), key=lambda one: one.path_key
        ),
        "Account.assignees": lambda row, a: sorted(
            (world.one(one.member_id) for one in world.all(AccountAssignee, account_id=row.id)),
            key=lambda one: one.id,
        ),
        "Account.portalStatus": lambda row, a: portal_status(row),
        "Contact.phones": lambda row, a: sorted(
            world.all(Phone, contact_id=row.id), key=lambda one: one.position
        ),
        "Contact.accounts": lambda row, a: page(
            world.all(AccountContact, contact_id=row.id), None, a
        ),
        "AccountContact.account": lambda row, a: world.one(row.account_id),
        "AccountContact.contact": lambda row, a: world.one(row.contact_id),
        "AccountContact.portalStatus": lambda row, a: RANKS[world.rank(row)],
        "AccountContact.invitation": lambda row, a: max(
            world.all(Invitation, account_contact_id=row.id), key=lambda one: one.id, default=None
        ),
        "Invitation.status": lambda row, a: (
            "EXPIRED" if row.state == "PENDING" and row.expires_at <= NOW else row.state
        ),
        "Invitation.sentBy": lambda row, a: world.one(row.sent_by_id),
        "Notification.account": lambda row, a: world.one(row.account_id),
    }
    of_page: dict[str, Callable[[Page], Any]] = {
        "nodes": lambda page: page.rows,
        "edges": lambda page: [
            {"cursor": cursor(page.order, page.keys, row), "node": row} for row in page.rows
        ],
        "totalCount": lambda page: len(page.total),
        "unreadCount": lambda page: len([row for row in page.total if row.read_at is None]),
        "pageInfo": lambda page: {
            "hasNextPage": page.more,
            "hasPreviousPage": page.less,
            "startCursor": cursor(page.order, page.keys, page.rows[0]) if page.rows else None,
            "endCursor": cursor(page.order, page.keys, page.rows[-1]) if page.rows else None,
        },
    }

    def resolve(source: Any, info: Any, **arguments: Any) -> Any:
        name = f"{info.parent_type.name}.{info.field_name}"
        if name in own:
            return own[name](source, arguments)
        if isinstance(source, Page):
            return of_page[info.field_name](source)
        if isinstance(source, dict):
            return source.get(
                info.field_name if info.field_name in source else snake(info.field_name)
            )
        value = getattr(source, snake(info.field_name))
        return moment(value) if isinstance(value, datetime) else value

    return resolve


def answer(
    schema: GraphQLSchema, world: World, document: str, variables: dict[str, Any]
) -> ExecutionResult:
    """What graphql-core's own execution makes of the document."""
    return execute_sync(
        schema,
        parse(document),
        variable_values=variables,
        field_resolver=resolver(world),
        type_resolver=lambda row, info, type_: type(row).__name__,
    )
