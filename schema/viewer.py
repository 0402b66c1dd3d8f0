"""Who is asking."""

from __future__ import annotations

from typing import Annotated

import strawberry

from auth.permissions import ANYONE
from planner import OneOf, Related, Shape
from resolvers import languages
from schema.context import Info, read, write
from schema.enums import Locale
from schema.errors import UserError
from schema.fields import errors_field, mutation, root
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


@strawberry.type(description="Who is spoken to, and in which language from now on.")
class ChangeLanguagePayload:
    viewer: Viewer | None = strawberry.field(
        default=None, description="Whose language it is; null where nothing was changed."
    )
    errors: list[UserError] = errors_field()


@strawberry.type
class ViewerMutation:
    @mutation(languages.change_language)
    async def change_language(
        self,
        info: Info,
        locale: Annotated[Locale, strawberry.argument(description="The language.")],
    ) -> ChangeLanguagePayload:
        """Anyone who is signed in: the language that they are spoken to in, in mails as well.
        Sends nothing."""
        return await write(info, ChangeLanguagePayload, locale=locale)
