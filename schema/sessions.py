"""Signing in and out, and one's own sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

import models
from auth.permissions import SIGNED_IN
from planner import Related, Shape
from resolvers import sessions
from schema.context import Info, read, write
from schema.errors import UserError
from schema.fields import errors_field, mutation, root, rows, value
from schema.viewer import Viewer


@rows(models.Session)
@strawberry.type(description="A place where somebody is signed in.")
class Session:
    id: strawberry.ID = value("Its id; it is no secret.")
    created_at: datetime = value("When they signed in.")
    last_used_at: datetime = value("When it was used last, to within five minutes.")
    expires_at: datetime = value("When it ends at the latest.")
    user_agent: str | None = value("What the program said of itself.")
    ip_address: str | None = value("The network address that they signed in from.")
    current: bool = value("Whether it is the one that asks.", "is_current")


@strawberry.input(description="An address and a password at a firm.")
class SignInInput:
    firm: str = strawberry.field(description="The firm's slug.")
    email: str = strawberry.field(description="The e-mail address.")
    password: str = strawberry.field(description="The password, exactly as it was set.")


@strawberry.type(description="A fresh session.")
class SignInPayload:
    token: str | None = strawberry.field(
        default=None,
        description="For clients that hold their own token (Authorization: Bearer …); browsers "
        "get a cookie as well.",
    )
    session: Session | None = strawberry.field(default=None, description="The session.")
    viewer: Viewer | None = strawberry.field(default=None, description="Whose it is.")
    errors: list[UserError] = errors_field()


@strawberry.type(description="The end of a session.")
class SignOutPayload:
    errors: list[UserError] = errors_field()


@strawberry.type(description="The end of a session.")
class RevokeSessionPayload:
    errors: list[UserError] = errors_field()


@strawberry.type
class SessionQuery:
    @root(
        SIGNED_IN, Related(shape=Shape.MANY, on=lambda session: session.is_callers, order=("-id",))
    )
    async def sessions(self, info: Info) -> list[Session]:
        """Anyone who is signed in: their own sessions, the newest first."""
        return await read(info)


@strawberry.type
class SessionMutation:
    @mutation(sessions.sign_in)
    async def sign_in(self, info: Info, input: SignInInput) -> SignInPayload:
        """Anyone. Members and clients alike; the firm is named by its slug. Sends nothing."""
        payload = await write(info, SignInPayload, input)
        keep_session(info, payload)
        return payload

    @mutation(sessions.sign_out)
    async def sign_out(self, info: Info) -> SignOutPayload:
        """Anyone who is signed in: ends the session, for good. Sends nothing."""
        payload = await write(info, SignOutPayload)
        info.context.response_headers.append(info.context.session_cookie(None))
        return payload

    @mutation(sessions.revoke_session)
    async def revoke_session(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="One of `sessions`.")],
    ) -> RevokeSessionPayload:
        """Anyone who is signed in: ends one of their own sessions. Sends nothing."""
        return await write(info, RevokeSessionPayload, id=id)


def keep_session(info: Info, payload: SignInPayload) -> None:
    """Gives the browser the session as a cookie."""
    if payload.token is not None:
        info.context.response_headers.append(info.context.session_cookie(payload.token))
