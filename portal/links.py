"""What links do: say what they are good for, set a password, and sign in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from starlette.responses import Response

from auth.links import Purpose
from portal.guest import Guest
from resolvers import activation
from resolvers.links import Activation, ActivationStatus
from resolvers.portal import beside
from resolvers.refusal import Refused
from resolvers.sessions import SignedIn


class Page(Protocol):
    """The page of a link, with what there is to mend beside its fields."""

    def __call__(
        self, guest: Guest, given: str | None, *, errors: dict[str, str] | None = None
    ) -> Awaitable[Response]: ...


async def set_password(
    guest: Guest,
    use_case: Callable[..., Awaitable[SignedIn]],
    purpose: Purpose,
    *,
    page: Page,
    landing: str = "",
    **arguments: Any,
) -> Response:
    """Sets the form's password by its link; signs in where nobody else is signed in.

    *landing* is the page of the portal that follows.
    """
    token = guest.form.get("token")
    try:
        fresh: SignedIn | None = await guest.run(
            use_case,
            answer=beside(guest.visit.caller),
            token=guest.own_token(purpose, token),
            password=guest.form.get("password", ""),
            **arguments,
        )
    except Refused as refused:
        return await page(guest, token, errors=guest.messages(refused))
    response = guest.redirect(landing, note="activated" if fresh is None else None)
    if fresh is not None:
        response.headers.append(*guest.session_cookie(fresh.token))
    return response


async def activation_page(
    guest: Guest,
    purpose: Purpose,
    name: str,
    given: str | None,
    errors: dict[str, str] | None,
) -> Response:
    """The page *name* behind a link that sets the first password; or what became of the link."""
    token = guest.own_token(purpose, given)
    found: Activation = await guest.look(activation.look_at_activation, token=token)
    if found.status is not ActivationStatus.VALID:
        return guest.page(
            "dead_link.html.j2",
            state="REPLACED" if found.replaced else found.status.value,
            purpose=name,
            token=token,
            errors=errors or {},
        )
    return guest.page(
        f"{name}.html.j2",
        activation=found,
        token=token,
        signed_in=guest.visit.caller is not None,
        errors=errors or {},
    )


async def send_again(guest: Guest, purpose: Purpose, *, page: Page) -> Response:
    """Sends a fresh link to the address that the form's old one went to."""
    token = guest.form.get("token")
    try:
        await guest.run(activation.request_new_invitation, token=guest.own_token(purpose, token))
    except Refused as refused:
        return await page(guest, token, errors=guest.messages(refused))
    return guest.redirect("/sent")
