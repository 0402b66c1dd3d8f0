"""Activation: a link from a mail leads to a page that sets the first password."""

from __future__ import annotations

from starlette.responses import Response

from auth.links import Purpose
from portal.guest import Guest
from portal.links import set_password
from resolvers import activation
from resolvers.activation import Activation
from resolvers.links import ActivationStatus
from resolvers.refusal import Refused


async def show(guest: Guest) -> Response:
    """What the link is good for. Uses nothing up, however often a mail scanner looks."""
    return await _page(guest, guest.request.query_params.get("token"))


async def activate(guest: Guest) -> Response:
    """Sets the password; signs in where nobody else is signed in."""
    return await set_password(
        guest, activation.activate, Purpose.INVITATION, page=_page, locale=guest.chosen
    )


async def ask_again(guest: Guest) -> Response:
    """Sends a fresh link to the address that the old one went to."""
    token = guest.form.get("token")
    try:
        await guest.run(
            activation.request_new_invitation,
            token=guest.own_token(Purpose.INVITATION, token),
        )
    except Refused as refused:
        return await _page(guest, token, errors=guest.messages(refused))
    return guest.redirect("/sent")


async def _page(
    guest: Guest, given: str | None, *, errors: dict[str, str] | None = None
) -> Response:
    token = guest.own_token(Purpose.INVITATION, given)
    found: Activation = await guest.look(activation.look_at_activation, token=token)
    if found.status is not ActivationStatus.VALID:
        return guest.page(
            "dead_link.html.j2",
            state="REPLACED" if found.replaced else found.status.value,
            purpose="activation",
            token=token,
            errors=errors or {},
        )
    return guest.page(
        "activate.html.j2",
        activation=found,
        token=token,
        signed_in=guest.visit.caller is not None,
        errors=errors or {},
    )
