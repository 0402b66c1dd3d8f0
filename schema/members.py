"""Members, as other members see them."""

from __future__ import annotations

from datetime import datetime

import strawberry

import models
from auth.permissions import MEMBERS
from planner.declare import Related, Shape
from schema.context import Info, read
from schema.enums import Locale, MemberStatus, Permission, Role
from schema.fields import root, rows, value
from schema.node import Node


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
