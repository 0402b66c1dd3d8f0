"""The firm, as its members see it."""

from __future__ import annotations

from datetime import datetime

import strawberry

import models
from auth.permissions import MEMBERS
from planner.declare import Related, Shape
from resolvers import firms
from schema.context import Info, read, write
from schema.enums import Locale
from schema.errors import UserError
from schema.fields import errors_field, mutation, optional, root, rows, value
from schema.node import Node


@rows(models.Firm)
@strawberry.type(description="A firm: everything in the deployment belongs to exactly one.")
class Firm(Node):
    name: str = value("What it is called.")
    slug: str = value("Its short name, which stands in the portal's addresses.")
    locale: Locale = value("The language that it speaks when nobody says otherwise.")
    time_zone: str = value("Its time zone, such as Europe/Berlin.")
    sign_up_enabled: bool = value("Whether clients may sign up by themselves in the portal.")
    portal_url: str = value("Where its clients sign in.")
    sign_up_url: str | None = value("Where clients sign up; null where they may not.")
    accent_color: str | None = value("Its colour in the portal, as `#rrggbb`.")
    logo_path: str | None = value("Where its logo is, below the deployment's address.")
    created_at: datetime = value("When it was set up.")


@strawberry.input(description="What to change of the firm; what is left out stays.")
class UpdateFirmInput:
    name: str | None = optional("What it is called.")
    locale: Locale | None = optional("The language that it speaks when nobody says otherwise.")
    time_zone: str | None = optional("Its time zone, such as Europe/Berlin.")
    sign_up_enabled: bool | None = optional(
        "Whether clients may sign up by themselves. Turned off, the page is gone at once, and "
        "links to sign up that are under way do not work any more."
    )
    accent_color: str | None = optional(
        "Its colour in the portal, as `#rrggbb`; null takes it away. Where it is hard to read it "
        "is shown darker, or lighter in the dark."
    )


@strawberry.type(description="The firm as it is now.")
class FirmPayload:
    firm: Firm | None = strawberry.field(
        default=None, description="The firm; null where nothing was changed."
    )
    errors: list[UserError] = errors_field()


@strawberry.type
class FirmQuery:
    @root(MEMBERS, Related(shape=Shape.ONE))
    async def firm(self, info: Info) -> Firm:
        """Members: the firm that the session belongs to."""
        return await read(info)


@strawberry.type
class FirmMutation:
    @mutation(firms.update_firm)
    async def update_firm(self, info: Info, input: UpdateFirmInput) -> FirmPayload:
        """Members with MANAGE_FIRM: changes the firm, and whether clients may sign up. Sends
        nothing."""
        return await write(info, FirmPayload, input)
