"""Passwords: changed by whoever knows the present one, or set anew by a link."""

from __future__ import annotations

from starlette.responses import Response

from auth.links import Purpose
from portal.guest import Guest
from portal.links import set_password
from portal.sessions import sign_in_page
from resolvers import passwords
from resolvers.links import ActivationStatus
from resolvers.passwords import ResetLink, look_at_reset
from resolvers.refusal import Refused


async def show_change(guest: Guest) -> Response:
    """Asks a client for the present password and a new one."""
    return await _change_page(guest)


async def change(guest: Guest) -> Response:
    """Sets the new password; every other session ends."""
    if guest.client is None:
        return guest.redirect()
    try:
        await guest.run(
            passwords.change_password,
            current_password=guest.form.get("current_password", ""),
            new_password=guest.form.get("new_password", ""),
        )
    except Refused as refused:
        return await _change_page(guest, errors=guest.messages(refused))
    return guest.redirect("/password", note="password")


async def _change_page(guest: Guest, *, errors: dict[str, str] | None = None) -> Response:
    if guest.client is None:
        return sign_in_page(guest)
    seen = await guest.read(guest.questions.viewer)
    return guest.page("password.html.j2", client=seen["viewer"], errors=errors or {})


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
    return guest.page("sent.html.j2", signed_up=False)


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
    found: ResetLink = await guest.look(look_at_reset, token=token)
    if found.status is not ActivationStatus.VALID:
        return guest.page(
            "dead_link.html.j2",
            state="REPLACED" if found.replaced else found.status.value,
            purpose="reset",
            token=None,
            errors=errors or {},
        )
    return guest.page(
        "reset.html.j2",
        email=found.person.email if found.person else None,
        token=token,
        signed_in=guest.visit.caller is not None,
        errors=errors or {},
    )
