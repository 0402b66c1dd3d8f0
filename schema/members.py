"""Members: as other members see them, invited, changed and deactivated."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

import models
from auth.permissions import MEMBERS
from planner.declare import Related, Shape
from resolvers import leaving, members
from schema.context import Info, read, write
from schema.enums import Locale, MemberStatus, Permission, Role
from schema.errors import UserError
from schema.fields import errors_field, given, mutation, optional, root, rows, value
from schema.node import Node

if TYPE_CHECKING:
    from schema.accounts import Account


@rows(models.Member)
@strawberry.type(description="A person who works at the firm.")
class Member(Node):
    email: str = value("The address that they sign in with.")
    first_name: str = value("The first name.")
    last_name: str = value("The last name.")
    role: Role = value("What they are at the firm.")
    permissions: list[Permission] = value("What they may do.")
    status: MemberStatus = value("Where they stand.")
    locale: Locale = value("The language that they are spoken to in.")
    created_at: datetime = value("When they were added.")


@strawberry.type
class MemberQuery:
    @root(MEMBERS, Related(shape=Shape.MANY, order=("last_name", "id")))
    async def members(self, info: Info) -> list[Member]:
        """Members: everybody who works at the firm."""
        return await read(info)


@strawberry.input(description="Somebody who is to work at the firm.")
class InviteMemberInput:
    email: str = strawberry.field(description="The address that they will sign in with.")
    first_name: str = strawberry.field(description="The first name.")
    last_name: str = strawberry.field(description="The last name.")
    role: Role = given("What they are at the firm; no more than the caller is.", Role.EMPLOYEE)
    permissions: list[Permission] | None = optional(
        "What an employee may do; nothing that the caller may not. Left out, an employee sees "
        "every account, as far as the caller does, and changes nothing."
    )
    locale: Locale | None = optional(
        "The language that they are spoken to in; the firm's where it is left out."
    )


@strawberry.input(description="A member, and what changes of them; what is left out stays.")
class UpdateMemberInput:
    id: strawberry.ID = strawberry.field(description="The member.")
    first_name: str | None = optional("The first name.")
    last_name: str | None = optional("The last name.")
    role: Role | None = optional(
        "What they are at the firm; no more than the caller is. With another role and no "
        "`permissions` they get what the role brings, as far as the caller has it."
    )
    permissions: list[Permission] | None = optional(
        "All that an employee may do from now on; nothing that the caller may not. Owners and "
        "admins have every permission."
    )
    locale: Locale | None = optional("The language that they are spoken to in.")


@strawberry.type(description="A member, as they stand after the write.")
class MemberPayload:
    member: Member | None = strawberry.field(
        default=None, description="The member; null where nothing was written."
    )
    unassigned: list[Annotated["Account", strawberry.lazy("schema.accounts")]] = strawberry.field(
        default_factory=list,
        description="The accounts that were assigned to a member who was deactivated, 1,000 at "
        "most; empty where nobody was.",
    )
    unassigned_count: int = strawberry.field(
        default=0, description="How many accounts these are in all."
    )
    errors: list[UserError] = errors_field()


@strawberry.type
class MemberMutation:
    @mutation(members.invite_member)
    async def invite_member(self, info: Info, input: InviteMemberInput) -> MemberPayload:
        """Needs MANAGE_MEMBERS. Invites somebody to work at the firm, and sends them a link to
        choose a password with. Somebody who was invited before, or deactivated, gets what is
        given now and a fresh link; older links die."""
        return await write(info, MemberPayload, input)

    @mutation(members.update_member)
    async def update_member(self, info: Info, input: UpdateMemberInput) -> MemberPayload:
        """Needs MANAGE_MEMBERS. Changes a member who does not stand above the caller, from the
        next request on. A firm keeps an owner. Sends nothing."""
        return await write(info, MemberPayload, input)

    @mutation(leaving.deactivate_member)
    async def deactivate_member(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The member.")],
    ) -> MemberPayload:
        """Needs MANAGE_MEMBERS. Ends a member's sessions and links, takes their accounts off
        them, and tells the owners which ones, in the inbox. `inviteMember` brings them back.
        Sends no mail."""
        return await write(info, MemberPayload, id=id)
