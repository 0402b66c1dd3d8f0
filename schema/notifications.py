"""The inbox: what the firm is told."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Annotated

import strawberry

import models
from auth.permissions import MEMBERS
from planner import Count, Related, Shape
from resolvers import notifications, searching
from resolvers.following import follow_inbox
from schema.accounts import Account
from schema.connections import connection
from schema.context import Info, read, write
from schema.enums import NotificationKind
from schema.errors import UserError
from schema.fields import (
    After,
    Before,
    First,
    Last,
    errors_field,
    mutation,
    planned,
    root,
    rows,
    subscription,
    value,
)
from schema.following import follow
from schema.node import Node


@rows(models.Notification)
@strawberry.type(description="Something that a member is told.")
class Notification(Node):
    kind: NotificationKind = value("What it is about.")
    title: str = value("In a few words, in the member's language.")
    body: str | None = value("In a sentence or two.")
    account: Account | None = planned(
        "Where it leads: the client's account.", Related(shape=Shape.ONE, attribute="account")
    )
    url: str | None = value("The same, as an address.")
    read_at: datetime | None = value("When it was read; null while it is new.")
    created_at: datetime = value("When it happened.")


NotificationConnection = connection(
    Notification,
    "notifications",
    unread_count=(
        "How many of them are unread.",
        Count(lambda notification: notification.read_at.is_(None)),
    ),
)


@strawberry.type(description="How many notifications were marked.")
class MarkNotificationsReadPayload:
    count: int = strawberry.field(default=0, description="How many were unread until now.")
    errors: list[UserError] = errors_field()


@strawberry.type
class NotificationQuery:
    @root(
        MEMBERS,
        Related(
            shape=Shape.PAGED,
            filters=searching.notifications_matching,
            descending=True,
        ),
    )
    async def notifications(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        unread_only: Annotated[
            bool | None, strawberry.argument(description="Leaves out what was read.")
        ] = None,
    ) -> NotificationConnection:  # pyright: ignore[reportInvalidTypeForm]
        """Members: their own inbox, the newest first."""
        return await read(info)


@strawberry.type
class NotificationMutation:
    @mutation(notifications.mark_notifications_read)
    async def mark_notifications_read(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID] | None,
            strawberry.argument(description="Which ones; all of one's own when left out."),
        ] = None,
    ) -> MarkNotificationsReadPayload:
        """Members: marks their own notifications as read. Sends nothing."""
        return await write(info, MarkNotificationsReadPayload, ids=ids)


@strawberry.type
class NotificationSubscription:
    @subscription(MEMBERS)
    async def notification_received(
        self,
        info: Info,
        after: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="The id of the last notification that was seen: those that came after "
                "it come first, so that a connection that was lost loses none."
            ),
        ] = None,
    ) -> AsyncGenerator[Notification]:
        """Members: each new notification of their own, once and in order, as it is written."""
        async with aclosing(follow(info, follow_inbox, models.Notification, after)) as events:
            async for event in events:
                yield event
