"""Signing in and out, and the home page with the accounts to switch between."""

from __future__ import annotations

from starlette.responses import Response

from portal.door import Guest
from resolvers import sessions, switching
from resolvers.portal import Home, look_at_home
from resolvers.refusal import Refused


async def show_home(guest: Guest) -> Response:
    """A client's accounts; for everybody else the form to sign in."""
    if guest.client is None:
        return _sign_in_page(guest)
    return await _home_page(guest)


async def sign_in(guest: Guest) -> Response:
    """Starts a session. The one that the browser was in before ends with its cookie."""
    email = guest.form.get("email", "")
    try:
        fresh = await guest.run(
            sessions.sign_in,
            firm=guest.firm.slug,
            email=email,
            password=guest.form.get("password", ""),
        )
    except Refused as refused:
        return _sign_in_page(guest, email=email, errors=guest.messages(refused))
    if guest.visit.caller is not None:
        await guest.run(sessions.sign_out)
    response = guest.redirect()
    response.headers.append(*guest.session_cookie(fresh.token))
    return response


async def sign_out(guest: Guest) -> Response:
    """Ends the client's session; a session elsewhere is none of this page's business."""
    response = guest.redirect()
    if guest.client is not None:
        await guest.run(sessions.sign_out)
        response.headers.append(*guest.session_cookie(None))
    return response


async def switch(guest: Guest) -> Response:
    """Moves the session to another account of the client."""
    if guest.client is not None:
        try:
            await guest.run(switching.switch_account, account_id=guest.form.get("account_id", ""))
        except Refused as refused:
            return await _home_page(guest, errors=guest.messages(refused))
    return guest.redirect()


async def _home_page(guest: Guest, *, errors: dict[str, str] | None = None) -> Response:
    home: Home = await guest.run(look_at_home)
    return guest.page(
        "home.html.j2",
        status=404 if errors else 200,
        user=home.user,
        accounts=home.accounts,
        current=home.current,
        activated="activated" in guest.request.query_params,
        errors=errors or {},
    )


def _sign_in_page(
    guest: Guest, *, email: str = "", errors: dict[str, str] | None = None
) -> Response:
    return guest.page(
        "sign_in.html.j2",
        status=422 if errors else 200,
        email=email,
        elsewhere=guest.visit.caller is not None,
        activated="activated" in guest.request.query_params,
        errors=errors or {},
    )
