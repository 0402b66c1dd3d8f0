"""Joining: a link from a mail leads a new member to a page that sets their first password."""

from __future__ import annotations

from starlette.responses import Response

from auth.links import Purpose
from portal.guest import Guest
from portal.links import activation_page, send_again, set_password
from resolvers import activation


async def show(guest: Guest) -> Response:
    """What the link is good for. Uses nothing up, however often a mail scanner looks."""
    return await _page(guest, guest.request.query_params.get("token"))


async def join(guest: Guest) -> Response:
    """Sets the password; signs in where nobody else is signed in."""
    return await set_password(
        guest,
        activation.activate,
        Purpose.MEMBER,
        page=_page,
        landing="/joined",
        locale=guest.chosen,
    )


async def ask_again(guest: Guest) -> Response:
    """Sends a fresh link to the address that the old one went to."""
    return await send_again(guest, Purpose.MEMBER, page=_page)


async def joined(guest: Guest) -> Response:
    """Where a member ends, who works elsewhere: the portal's other pages are the clients'."""
    return guest.page("joined.html.j2")


async def _page(
    guest: Guest, given: str | None, *, errors: dict[str, str] | None = None
) -> Response:
    return await activation_page(guest, Purpose.MEMBER, "join", given, errors)
