"""Signing in and out, where one lands, and one's own sessions."""

from __future__ import annotations

from datetime import datetime

from starlette.responses import Response

from portal.guest import Guest
from resolvers import sessions
from resolvers.refusal import Refused

NOTES = frozenset({"activated"})
"""What may be said on the page where somebody lands."""


async def show_landing(guest: Guest) -> Response:
    """Leads a client to an account, or to the choice of one; asks everybody else to sign in."""
    if guest.client is None:
        return sign_in_page(guest)
    seen = await guest.read(guest.questions.viewer)
    open_to_me = [account["id"] for account in seen["viewer"]["accounts"]]
    landed = guest.client.current_account_id
    if landed not in open_to_me:
        landed = open_to_me[0] if len(open_to_me) == 1 else None
    note = guest.request.query_params.get("note")
    return guest.redirect(
        f"/accounts/{landed}" if landed else "/accounts", note=note if note in NOTES else None
    )


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
        return sign_in_page(guest, email=email, errors=guest.messages(refused))
    if guest.visit.caller is not None:
        await guest.run(sessions.sign_out)
    return guest.signed_in(fresh.token, guest.form.get("next", ""))


async def sign_out(guest: Guest) -> Response:
    """Ends the client's session; a session elsewhere is none of this page's business."""
    response = guest.redirect()
    if guest.client is not None:
        await guest.run(sessions.sign_out)
        response.headers.append(*guest.session_cookie(None))
    return response


async def show_sessions(guest: Guest) -> Response:
    """Where the client is signed in."""
    return await _sessions_page(guest)


async def end_session(guest: Guest) -> Response:
    """Ends one of the client's sessions."""
    if guest.client is None:
        return guest.redirect()
    try:
        await guest.run(sessions.revoke_session, id=guest.form.get("id", ""))
    except Refused as refused:
        return await _sessions_page(guest, errors=guest.messages(refused))
    return guest.redirect("/sessions", note="ended")


async def _sessions_page(guest: Guest, *, errors: dict[str, str] | None = None) -> Response:
    if guest.client is None:
        return sign_in_page(guest)
    seen = await guest.read(guest.questions.sessions)
    found = [
        {
            **session,
            "createdAt": datetime.fromisoformat(session["createdAt"]),
            "lastUsedAt": datetime.fromisoformat(session["lastUsedAt"]),
        }
        for session in seen["sessions"]
    ]
    return guest.page(
        "sessions.html.j2", client=seen["viewer"], sessions=found, errors=errors or {}
    )


def sign_in_page(
    guest: Guest, *, email: str = "", errors: dict[str, str] | None = None
) -> Response:
    """Asks to sign in, and leads back to the page that was asked for."""
    return guest.page(
        "sign_in.html.j2",
        email=email,
        next=guest.form.get("next", guest.within),
        elsewhere=guest.visit.caller is not None,
        errors=errors or {},
    )
