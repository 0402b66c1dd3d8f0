"""Finding: the conditions behind the filters, and the orders that lists come in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Text,
    bindparam,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from models import (
    AccountAssignee,
    AccountContact,
    AccountTag,
    AccountText,
    ContactAddress,
    ContactTag,
    ContactText,
    Invitation,
    PortalUser,
)
from models.account_contacts import has_password
from models.base import Timestamp
from models.enums import AccountStatus, CustomFieldTarget, PortalStatus
from models.existence import there_is
from models.finding import AmongAccounts, AmongContacts, asked, indexed, listed
from models.folding import like, words
from planner import Arguments, BadArgument
from resolvers.custom_filters import custom_fields_matching
from resolvers.texts import parse_email
from tenancy.scope import FIRM, within
from tenancy.storable import storable

MOST_TAGS = 200

ACCOUNT_ORDERS = {
    "NAME": ("name_key",),
    "CREATED_AT": ("created_at",),
    "UPDATED_AT": ("updated_at",),
}
CONTACT_ORDERS = {
    "LAST_NAME": ("last_name_key", "first_name_key"),
    "FIRST_NAME": ("first_name_key", "last_name_key"),
    "EMAIL": ("email_key",),
    "CREATED_AT": ("created_at",),
}


_OF_OTHER_TABLES = ("portalStatus", "assigneeIds", "tags", "customFields", "search", "email")


def looks_elsewhere(arguments: Arguments) -> bool:
    """Whether the argument `filter` asks for what stands in other tables than the rows' own."""
    given = arguments.object("filter")
    return given is not None and any(given.given(name) for name in _OF_OTHER_TABLES)


def accounts_matching(account: Any, arguments: Arguments) -> Iterator[ColumnElement[bool]]:
    """The conditions of an AccountFilter in the argument `filter`; active ones without it."""
    given = arguments.object("filter")
    if given is None or not given.given("status"):
        yield account.status == AccountStatus.ACTIVE
    else:
        yield account.status == given.bind("status", str)
    if given is None:
        return
    if given.given("type"):
        yield account.type == given.bind("type", str)
    if given.given("portalStatus"):
        if given.derive("portalStatus", _only_pending):
            yield from _pending(account)
        else:
            yield given.any_of("portalStatus", account.portal_status, str)
    if given.given("assigneeIds"):
        assignee = aliased(AccountAssignee)
        yield there_is(
            assignee,
            where=(
                assignee.firm_id == account.firm_id,
                assignee.account_id == account.id,
                given.any_of("assigneeIds", assignee.member_id),
            ),
        )
    yield from _tagged(given, account, AccountTag, "account_id")
    created = given.object("createdAt")
    if created is not None and created.given("from"):
        yield account.created_at >= created.bind("from", None, Timestamp())
    if created is not None and created.given("until"):
        yield account.created_at < created.bind("until", None, Timestamp())
    yield from custom_fields_matching(given, account, CustomFieldTarget.ACCOUNT)
    yield from _found(given, account, AccountText, AmongAccounts)


def contacts_matching(contact: Any, arguments: Arguments) -> Iterator[ColumnElement[bool]]:
    """The conditions of a ContactFilter in the argument `filter`."""
    given = arguments.object("filter")
    if given is None:
        return
    if given.given("hasAccount"):
        entry = aliased(AccountContact)
        linked = there_is(
            entry, where=(entry.firm_id == contact.firm_id, entry.contact_id == contact.id)
        )
        yield linked if given.choice("hasAccount") else ~linked
    if given.given("email"):
        address = aliased(ContactAddress)
        yield there_is(
            address,
            where=(
                address.firm_id == contact.firm_id,
                address.contact_id == contact.id,
                address.email_key == given.bind("email", _email_key),
            ),
        )
    yield from _tagged(given, contact, ContactTag, "contact_id")
    yield from custom_fields_matching(given, contact, CustomFieldTarget.CONTACT)
    yield from _found(given, contact, ContactText, AmongContacts)


def fields_matching(field: Any, arguments: Arguments) -> Iterator[ColumnElement[bool]]:
    """Only the custom fields of one `target`, where there is one."""
    if arguments.given("target"):
        yield field.target == arguments.bind("target", str)


def notifications_matching(
    notification: Any, arguments: Arguments
) -> Iterator[ColumnElement[bool]]:
    """Only unread ones where `unreadOnly` asks for it."""
    if arguments.choice("unreadOnly"):
        yield notification.read_at.is_(None)


def _tagged(
    given: Arguments, row: Any, table: type[AccountTag | ContactTag], subject: str
) -> Iterator[ColumnElement[bool]]:
    """The conditions of a TagFilter in `tags`; *table* holds the taggings of *row* by *subject*."""
    tags = given.object("tags")
    if tags is None:
        return

    def carried(name: str) -> tuple[Any, tuple[ColumnElement[bool], ...]]:
        tagging: Any = aliased(table)
        return tagging, (
            tagging.firm_id == row.firm_id,
            getattr(tagging, subject) == row.id,
            tags.any_of(name, tagging.tag_id),
        )

    for name in ("any", "none"):
        if tags.derive(name, _few_enough):
            tagging, conditions = carried(name)
            found = there_is(tagging, where=conditions)
            yield found if name == "any" else ~found
    if tags.derive("all", _few_enough):
        tagging, conditions = carried("all")
        count = (
            select(func.count())
            .select_from(tagging)
            .where(*conditions)
            .correlate_except(tagging)
            .scalar_subquery()
        )
        yield count == tags.bind("all", lambda ids: len(set(ids)), Integer())


def _few_enough(ids: list[str] | None) -> bool:
    """Whether ids are given; raises BadArgument for more than a filter takes."""
    if ids is not None and len(ids) > MOST_TAGS:
        raise BadArgument(f"A filter takes at most {MOST_TAGS} tags in each list.", "tags")
    return ids is not None


def _pending(account: Any) -> Iterator[ColumnElement[bool]]:
    """That the portal status of *account* is PENDING.

    Few are, and they are found by the index of what is live: the status of every account would
    have to be worked out otherwise.
    """
    entry, invitation = aliased(AccountContact), aliased(Invitation)
    yield account.id.in_(
        select(entry.account_id)
        .join(
            invitation,
            (invitation.firm_id == entry.firm_id) & (invitation.account_contact_id == entry.id),
        )
        # The state literally, since the index holds these rows alone.
        .where(
            within(entry),
            within(invitation),
            invitation.state == literal_column("'PENDING'"),
            entry.login.is_(True),
        )
    )
    entry, address, user = aliased(AccountContact), aliased(ContactAddress), aliased(PortalUser)
    yield ~there_is(
        *(entry, address, user),
        where=(
            entry.firm_id == account.firm_id,
            entry.account_id == account.id,
            entry.login.is_(True),
            *has_password(entry, address, user),
        ),
    )
    yield account.status != AccountStatus.ARCHIVED


def _only_pending(statuses: Sequence[Any]) -> bool:
    return {str(status) for status in statuses} == {PortalStatus.PENDING}


def _email_key(text: str) -> str:
    address = parse_email(text)
    return address.key if address else ""


def _found(
    given: Arguments,
    row: Any,
    table: type[AccountText | ContactText],
    among: type[AmongAccounts],
) -> Iterator[ColumnElement[bool]]:
    """The condition that *row* has every word of `search` in its text in *table*.

    An index knows words of three letters and more. Where all are shorter, the texts of the
    firm's own rows are looked through.
    """
    if not given.given("search"):
        return
    if given.derive("search", lambda text: any(map(indexed, _words(text)))):
        yield among(
            row.id,
            given.bind("search", lambda text: listed(_words(text))),
            given.bind("search", lambda text: asked(_words(text))),
            bindparam(FIRM, type_=Text()),
        )
        return
    shapes: list[int] = given.derive("search", lambda text: [len(word) for word in _words(text)])
    if not shapes:
        return
    found = aliased(table)
    yield there_is(
        found,
        where=(
            found.firm_id == row.firm_id,
            found.id == row.id,
            *(
                or_(
                    *(
                        found.text.like(given.bind("search", _pattern(place, way)), escape="\\")
                        for way in range(spellings)
                    )
                )
                for place, spellings in enumerate(shapes)
            ),
        ),
    )


def _words(text: str) -> list[list[str]]:
    return words(storable(text))


def _pattern(place: int, spelling: int) -> Callable[[str], str]:
    return lambda text: like(_words(text)[place][spelling])
