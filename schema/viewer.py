"""Who is asking."""

from __future__ import annotations

from typing import Annotated

import strawberry

from auth.permissions import ANYONE
from planner import OneOf, Related, Shape
from schema.context import Info, read
from schema.fields import root
from schema.members import Member
from schema.portal import PortalUser

Viewer = Annotated[
    Member | PortalUser,
    strawberry.union("Viewer", description="Who the session belongs to; null when signed out."),
]


@strawberry.type
class ViewerQuery:
    @root(
        ANYONE,
        OneOf(
            {
                "Member": Related(shape=Shape.ONE, on=lambda member: member.is_caller),
                "PortalUser": Related(shape=Shape.ONE, on=lambda user: user.is_caller),
            }
        ),
    )
    async def viewer(self, info: Info) -> Viewer | None:
        """Anyone: who the session belongs to; null when signed out."""
        return await read(info) if info.context.visit.caller else None
