"""Invitations: sending, sending again, revoking."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

import models
from planner.declare import Related, Shape
from resolvers import invitations
from schema.context import Info, write
from schema.enums import DeliveryStatus, InvitationStatus
from schema.errors import UserError
from schema.fields import errors_field, given, mutation, optional, planned, rows, value
from schema.members import Member
from schema.node import Node

if TYPE_CHECKING:
    from schema.account_contacts import AccountContact
    from schema.accounts import AccountFilter


@rows(models.Invitation)
@strawberry.type(description="What was sent to a contact to open the portal to an account.")
class Invitation(Node):
    status: InvitationStatus = value("Where it stands.")
    message: str | None = value("The personal message that went with it.")
    sent_at: datetime = value("When it was sent last.")
    expires_at: datetime = value("Until when its newest link is good.")
    accepted_at: datetime | None = value("When the person could enter.")
    delivery: DeliveryStatus = value("How far the e-mail has come.")
    send_count: int = value("How many times it has been sent, the first included.")
    sent_by: Member | None = planned(
        "Who sent it last.", Related(shape=Shape.ONE, attribute="sent_by")
    )


@strawberry.input(description="An invitation to be sent in the same step.")
class InviteInput:
    message: str | None = optional("A personal message, which stands in the mail.")


@strawberry.input(description="Whom to invite, and what to tell them.")
class SendInvitationsInput:
    dry_run: bool = given(
        "Only says who would be written to; writes nothing and sends nothing.", False
    )
    account_contact_ids: list[strawberry.ID] | None = optional("These…")
    filter: Annotated["AccountFilter", strawberry.lazy("schema.accounts")] | None = optional(
        "…or every contact with LOGIN who has not activated yet, in the accounts that this "
        "filter finds."
    )
    message: str | None = optional("A personal message, which stands in the mails.")
    idempotency_key: str | None = optional(
        "The same key with the same input answers the same again and sends nothing; kept for "
        "24 hours."
    )


@strawberry.type(description="The invitations that were sent.")
class SendInvitationsPayload:
    invitations: list[Invitation] = strawberry.field(
        default_factory=list, description="What was sent; empty in a dry run."
    )
    recipients: list[Annotated["AccountContact", strawberry.lazy("schema.account_contacts")]] = (
        strawberry.field(
            default_factory=list,
            description="Who is written to (in a dry run: who would be).",
        )
    )
    count: int = strawberry.field(default=0, description="How many those are.")
    errors: list[UserError] = errors_field()


@strawberry.type(description="The invitations that were revoked.")
class RevokeInvitationsPayload:
    invitations: list[Invitation] = strawberry.field(
        default_factory=list, description="All that were named."
    )
    errors: list[UserError] = errors_field()


@strawberry.type
class InvitationMutation:
    @mutation(invitations.send_invitations)
    async def send_invitations(
        self, info: Info, input: SendInvitationsInput
    ) -> SendInvitationsPayload:
        """Needs MANAGE_PORTAL_ACCESS. Sends, or sends again, the invitation to each contact's
        address; every older link of it dies. Somebody who has a password already is told of
        the account instead, and signs in."""
        return await write(info, SendInvitationsPayload, input)

    @mutation(invitations.revoke_invitations)
    async def revoke_invitations(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID], strawberry.argument(description="The invitations, 1000 at most.")
        ],
    ) -> RevokeInvitationsPayload:
        """Needs MANAGE_PORTAL_ACCESS. Kills the links of pending invitations. Sends nothing,
        and LOGIN stays as it is."""
        return await write(info, RevokeInvitationsPayload, ids=ids)
