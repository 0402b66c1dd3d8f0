"""The firm, as its members see it."""

from __future__ import annotations

from datetime import datetime

import strawberry

import models
from auth.permissions import MEMBERS
from planner.declare import Related, Shape
from schema.context import Info, read
from schema.enums import Locale
from schema.fields import root, rows, value
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
    created_at: datetime = value("When it was set up.")


@strawberry.type
class FirmQuery:
    @root(MEMBERS, Related(shape=Shape.ONE))
    async def firm(self, info: Info) -> Firm:
        """Members: the firm that the session belongs to."""
        return await read(info)
