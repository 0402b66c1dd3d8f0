"""Passwords: asking for a link to set a new one, and setting it."""

from __future__ import annotations

from starlette.responses import Response

from auth.links import Purpose
from portal.door import Guest
from portal.links import set_password
from resolvers import passwords
from resolvers.links import ActivationStatus
from resolvers.passwords import ResetLink, look_at_reset


async def show_forgotten(guest: Guest) -> Response:
    """Asks for the address."""
    return guest.page("forgotten.html.j2")


async def ask_for_link(guest: Guest) -> Response:
    """Has a link sent; the answer is the same for an address that is not known."""
    await guest.run(
        passwords.request_password_reset,
        firm=guest.firm.slug,
        email=guest.form.get("email", ""),
    )
    return guest.redirect("/sent")


async def sent(guest: Guest) -> Response:
    """Where every request for a mail ends."""
    return guest.page("sent.html.j2")


async def show_reset(guest: Guest) -> Response:
    """What the link is good for; uses nothing up."""
    return await _page(guest, guest.request.query_params.get("token"))


async def reset(guest: Guest) -> Response:
    """Sets the new password; signs in where nobody else is signed in."""
    return await set_password(guest, passwords.reset_password, Purpose.RESET, page=_page)


async def _page(
    guest: Guest, given: str | None, *, errors: dict[str, str] | None = None
) -> Response:
    token = guest.own_token(Purpose.RESET, given)
    found: ResetLink = await guest.run(look_at_reset, token=token)
    status = 422 if errors else 200
    if found.status is not ActivationStatus.VALID:
        return guest.page(
            "dead_link.html.j2",
            status=status,
            state=found.status.value,
            again=f"{guest.home}/forgotten",
            token=None,
            errors=errors or {},
        )
    return guest.page(
        "reset.html.j2",
        status=status,
        email=found.person.email if found.person else None,
        token=token,
        signed_in=guest.visit.caller is not None,
        errors=errors or {},
    )
