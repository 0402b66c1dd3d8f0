"""Notification preferences: of what each member is told, and how."""

from __future__ import annotations

import strawberry

from auth.permissions import MEMBERS
from resolvers import notification_preferences
from schema.context import Info, ask, write
from schema.enums import NotificationKind
from schema.errors import UserError
from schema.fields import errors_field, mutation, optional, root


@strawberry.type(description="How a member is told of a kind of notification.")
class NotificationPreference:
    kind: NotificationKind = strawberry.field(description="What it is about.")
    inbox: bool = strawberry.field(
        description="Whether it comes into the inbox, and to those who follow it."
    )
    email: bool = strawberry.field(
        description="Whether it comes by mail, to a member whom it concerns: the assignees of the "
        "account, or the owners where nobody is assigned; of what happens to members, those who "
        "have it in the inbox."
    )


@strawberry.input(
    description="How a kind of notification is to be told. What is left out stays as it is, and "
    "null makes it what it is for members who never said anything."
)
class NotificationPreferenceInput:
    kind: NotificationKind = strawberry.field(description="What it is about.")
    inbox: bool | None = optional("Whether it comes into the inbox.")
    email: bool | None = optional("Whether it comes by mail.")


@strawberry.input(description="How the member who asks is to be told of some kinds.")
class UpdateNotificationPreferencesInput:
    preferences: list[NotificationPreferenceInput] = strawberry.field(
        description="The kinds to change, each once; the others stay as they are."
    )


@strawberry.type(description="How the member is told of everything from now on.")
class UpdateNotificationPreferencesPayload:
    preferences: list[NotificationPreference] = strawberry.field(
        default_factory=list, description="Every kind; none where nothing was written."
    )
    errors: list[UserError] = errors_field()


@strawberry.type
class NotificationPreferenceQuery:
    @root(MEMBERS)
    async def notification_preferences(self, info: Info) -> list[NotificationPreference]:
        """Members: how they are told themselves, of each kind of notification. For who has said
        nothing everything is in the inbox, and a client's activation or sign-up comes by mail."""
        return await ask(info, notification_preferences.notification_preferences)


@strawberry.type
class NotificationPreferenceMutation:
    @mutation(notification_preferences.update_notification_preferences)
    async def update_notification_preferences(
        self, info: Info, input: UpdateNotificationPreferencesInput
    ) -> UpdateNotificationPreferencesPayload:
        """Members: how they are told themselves from now on, in the inbox and by mail. Sends
        nothing."""
        return await write(info, UpdateNotificationPreferencesPayload, input)
