"""Signing up, where the firm lets clients do so."""

from __future__ import annotations

import strawberry

from resolvers import sign_up_links, sign_ups
from schema.context import Info, write
from schema.enums import AccountType, Locale
from schema.errors import UserError
from schema.fields import errors_field, given, mutation, optional
from schema.sessions import SignInPayload, keep_session


@strawberry.input(description="Who signs up, and for whom.")
class SignUpInput:
    firm: str = strawberry.field(description="The firm's slug.")
    type: AccountType = given("INDIVIDUAL or COMPANY.", AccountType.INDIVIDUAL)
    first_name: str = strawberry.field(description="The first name.")
    last_name: str = strawberry.field(description="The last name.")
    company_name: str | None = optional("The company's name; needed for a COMPANY.")
    email: str = strawberry.field(description="The address that the link is sent to.")
    phone: str | None = optional("A telephone number, as people write it.")
    locale: Locale | None = optional("The language to be spoken to in; the firm's when left out.")


@strawberry.type(description="Always the same; the mail tells.")
class SignUpPayload:
    errors: list[UserError] = errors_field()


@strawberry.input(description="A link's token, and the first password.")
class FinishSignUpInput:
    token: str = strawberry.field(description="What follows `?token=` in the link.")
    password: str = strawberry.field(description="15 to 128 characters of any kind.")


@strawberry.type
class SignUpMutation:
    @mutation(sign_ups.sign_up)
    async def sign_up(self, info: Info, input: SignUpInput) -> SignUpPayload:
        """Anyone, where the firm lets clients sign up (else SIGN_UP_CLOSED). Always answers the
        same: the address is sent a link to go on with, or told that the firm knows it."""
        return await write(info, SignUpPayload, input)

    @mutation(sign_up_links.finish_sign_up)
    async def finish_sign_up(self, info: Info, input: FinishSignUpInput) -> SignInPayload:
        """Anyone who holds the token of such a link: sets the password, opens the account, signs
        in, uses the token up. Tells the firm, in the inbox and by e-mail. A browser that is
        signed in already stays as it is."""
        payload = await write(info, SignInPayload, input)
        if info.context.visit.caller is None:
            keep_session(info, payload)
        return payload
