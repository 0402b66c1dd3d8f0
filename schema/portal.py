"""What clients see. From a portal user, only Portal types and folders can be reached."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased

import models
from auth.permissions import ANYONE, CLIENTS
from models.existence import there_is
from models.portal_access import opens, opens_to_caller
from planner import Arguments
from planner.declare import BySlug, Related, Shape
from resolvers import switching
from schema.context import Info, read, write
from schema.enums import AccountType, Locale, MemberStatus
from schema.errors import UserError
from schema.fields import errors_field, mutation, planned, root, rows, value
from schema.folders import Folder
from schema.node import Node

if TYPE_CHECKING:
    from schema.viewer import Viewer


@rows(models.Firm)
@strawberry.type(description="A firm, as its clients see it.")
class PortalFirm:
    name: str = value("What it is called.")
    slug: str = value("Its short name, which stands in the portal's addresses.")
    locale: Locale = value("The language that it speaks when nobody says otherwise.")
    sign_up_enabled: bool = value("Whether clients may sign up by themselves.")
    accent_color: str | None = value("Its colour, as `#rrggbb`.")
    logo_path: str | None = value("Where its logo is, below the deployment's address.")


@rows(models.Member)
@strawberry.type(description="A person who works at the firm, as its clients see them.")
class PortalMember:
    first_name: str = value("The first name.")
    last_name: str = value("The last name.")


def _looks_after(account: Any, member: Any) -> ColumnElement[bool]:
    entry = aliased(models.AccountAssignee)
    return (member.status == MemberStatus.ACTIVE) & there_is(
        entry,
        where=(
            entry.firm_id == account.firm_id,
            entry.account_id == account.id,
            entry.firm_id == member.firm_id,
            entry.member_id == member.id,
        ),
    )


def _by_id(account: Any, arguments: Arguments) -> Iterator[ColumnElement[bool]]:
    yield account.id == arguments.bind("id")


@rows(models.Account)
@strawberry.type(description="An account, as its clients see it.")
class PortalAccount:
    id: strawberry.ID = value("Its id.")
    type: AccountType = value("Whom it is for.")
    name: str = value("What it is called.")
    company_name: str | None = value("The company's name.")
    folders: list[Folder] = planned(
        "Its folders that the client may see, by path.",
        Related(shape=Shape.MANY, attribute="shared_folders"),
    )
    assignees: list[PortalMember] = planned(
        "Who at the firm looks after it.",
        Related(shape=Shape.MANY, on=_looks_after, order=("last_name", "first_name")),
    )


@rows(models.PortalUser)
@strawberry.type(
    description="A client who may enter the firm's portal. From here only Portal… types can be "
    "reached."
)
class PortalUser(Node):
    email: str = value("The address that they sign in with.")
    first_name: str | None = value("The first name.")
    last_name: str | None = value("The last name.")
    locale: Locale = value("The language that they are spoken to in.")
    firm: PortalFirm = planned(
        "The firm's portal as a client sees it.",
        Related(shape=Shape.ONE, on=lambda user, firm: firm.id == user.firm_id),
    )
    accounts: list[PortalAccount] = planned(
        "Every account that this person has LOGIN for, and no other; by name.",
        Related(shape=Shape.MANY, on=opens, order=("name_key",)),
    )
    current_account: PortalAccount | None = planned(
        "The one that the session is in; null when LOGIN was taken away from all.",
        Related(shape=Shape.FIRST, on=opens, order=("-is_current", "name_key")),
    )


@strawberry.input(description="Which account to switch to.")
class SwitchAccountInput:
    account_id: strawberry.ID = strawberry.field(description="One of `viewer.accounts`.")


@strawberry.type(description="Where the session is now.")
class SwitchAccountPayload:
    current_account: PortalAccount | None = strawberry.field(
        default=None, description="The account; null where nothing was switched."
    )
    viewer: Annotated["Viewer", strawberry.lazy("schema.viewer")] | None = strawberry.field(
        default=None, description="Whose session it is."
    )
    errors: list[UserError] = errors_field()


@strawberry.type
class PortalQuery:
    @root(ANYONE, BySlug("firm"))
    async def portal(
        self,
        info: Info,
        firm: Annotated[str, strawberry.argument(description="The firm's slug.")],
    ) -> PortalFirm | None:
        """Anyone: the face of a firm's portal."""
        return await read(info)

    @root(CLIENTS, Related(shape=Shape.ONE, on=opens_to_caller, filters=_by_id))
    async def portal_account(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="One of `viewer.accounts`.")],
    ) -> PortalAccount | None:
        """Clients: one of their accounts, whichever the session is in; null for any other."""
        return await read(info)


@strawberry.type
class SwitchMutation:
    @mutation(switching.switch_account)
    async def switch_account(self, info: Info, input: SwitchAccountInput) -> SwitchAccountPayload:
        """Clients: the account that the session is in from now on. Sends nothing."""
        return await write(info, SwitchAccountPayload, input)
