"""Activation and passwords: what a link from a mail is good for."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from auth.permissions import ANYONE
from resolvers import activation, passwords
from schema.context import Info, ask, write
from schema.enums import ActivationStatus
from schema.errors import UserError
from schema.fields import errors_field, mutation, root
from schema.portal import PortalFirm
from schema.sessions import SignInPayload, keep_session


@strawberry.type(description="What an activation link is good for, and for whom.")
class Activation:
    status: ActivationStatus = strawberry.field(description="What it is good for.")
    email: str | None = strawberry.field(description="The address that it was sent to.")
    first_name: str | None = strawberry.field(description="Whom it was sent to.")
    firm: PortalFirm | None = strawberry.field(description="Whose portal it opens.")
    account_name: str | None = strawberry.field(
        description="The account that it opens; null for a member's link."
    )
    expires_at: datetime | None = strawberry.field(description="Until when it is good.")


@strawberry.input(description="A link's token, and the first password.")
class ActivateInput:
    token: str = strawberry.field(description="What follows `?token=` in the link.")
    password: str = strawberry.field(description="15 to 128 characters of any kind.")


@strawberry.input(description="An old link's token.")
class RequestNewInvitationInput:
    token: str = strawberry.field(description="What follows `?token=` in the old link.")


@strawberry.type(description="Whether a fresh link is on its way.")
class RequestNewInvitationPayload:
    errors: list[UserError] = errors_field()


@strawberry.input(description="Who forgot a password.")
class RequestPasswordResetInput:
    firm: str = strawberry.field(description="The firm's slug.")
    email: str = strawberry.field(description="The address that they sign in with.")


@strawberry.type(description="Always the same; the mail tells.")
class RequestPasswordResetPayload:
    errors: list[UserError] = errors_field()


@strawberry.input(description="A link's token, and a new password.")
class ResetPasswordInput:
    token: str = strawberry.field(description="What follows `?token=` in the link.")
    password: str = strawberry.field(description="15 to 128 characters of any kind.")


@strawberry.input(description="The present password, and a new one.")
class ChangePasswordInput:
    current_password: str = strawberry.field(description="The present password.")
    new_password: str = strawberry.field(description="15 to 128 characters of any kind.")


@strawberry.type(description="Whether the password was changed.")
class ChangePasswordPayload:
    errors: list[UserError] = errors_field()


@strawberry.type
class ActivationQuery:
    @root(ANYONE)
    async def activation(
        self,
        info: Info,
        token: Annotated[
            str, strawberry.argument(description="What follows `?token=` in the link.")
        ],
    ) -> Activation | None:
        """Anyone who holds an activation token, a client's or a member's: whom it is for. Looking
        does not use it up."""
        return await ask(info, activation.look_at_activation, token=token)


@strawberry.type
class ActivationMutation:
    @mutation(activation.activate)
    async def activate(self, info: Info, input: ActivateInput) -> SignInPayload:
        """Anyone who holds the token, a client's or a member's: sets the password, signs in, uses
        the token up. Tells the firm, in the inbox and (of a client) by e-mail. A browser that is
        signed in already stays as it is."""
        payload = await write(info, SignInPayload, input)
        if info.context.visit.caller is None:
            keep_session(info, payload)
        return payload

    @mutation(activation.request_new_invitation)
    async def request_new_invitation(
        self, info: Info, input: RequestNewInvitationInput
    ) -> RequestNewInvitationPayload:
        """Anyone who holds an expired or replaced link: asks for a fresh one, sent to the same
        address."""
        return await write(info, RequestNewInvitationPayload, input)

    @mutation(passwords.request_password_reset)
    async def request_password_reset(
        self, info: Info, input: RequestPasswordResetInput
    ) -> RequestPasswordResetPayload:
        """Anyone. Always answers the same, whether or not the address is known; sends a link to
        an address that is."""
        return await write(info, RequestPasswordResetPayload, input)

    @mutation(passwords.reset_password)
    async def reset_password(self, info: Info, input: ResetPasswordInput) -> SignInPayload:
        """Anyone who holds the token of a reset link: sets a new password, ends every session
        and starts a fresh one. Sends a notice to the address."""
        payload = await write(info, SignInPayload, input)
        if info.context.visit.caller is None:
            keep_session(info, payload)
        return payload

    @mutation(passwords.change_password)
    async def change_password(
        self, info: Info, input: ChangePasswordInput
    ) -> ChangePasswordPayload:
        """Anyone who is signed in: a new password; every other session ends. Sends a notice to
        the address."""
        return await write(info, ChangePasswordPayload, input)
