"""Who is asking."""

from __future__ import annotations

from typing import Annotated

import strawberry

from auth.permissions import ANYONE
from planner import ById
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
    @root(ANYONE)
    async def viewer(self, info: Info) -> Viewer | None:
        """Anyone: who the session belongs to; null when signed out."""
        caller = info.context.visit.caller
        if caller is None:
            return None
        return await read(
            info,
            spec=ById(),
            type_name="Member" if caller.is_member else "PortalUser",
            given={"id": caller.member_id or caller.portal_user_id},
        )
