"""Signing up: a page for strangers, where the firm has one, and what follows its mail."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from auth.links import Purpose
from models.enums import AccountType
from portal.guest import Guest
from portal.links import set_password
from resolvers import sign_ups
from resolvers.links import ActivationStatus
from resolvers.refusal import ErrorCode, Refused
from resolvers.sign_up_links import SignUpLink, finish_sign_up, look_at_sign_up

_TYPED = ("first_name", "last_name", "company_name", "email", "phone")


async def show(guest: Guest) -> Response:
    """Asks who it is; closed where the firm lets nobody sign up."""
    return _page(guest, dict.fromkeys(_TYPED, ""), AccountType.INDIVIDUAL)


async def sign_up(guest: Guest) -> Response:
    """Has a mail sent; the answer is the same for an address that is known."""
    typed = {name: guest.form.get(name, "") for name in _TYPED}
    company = guest.form.get("type") == AccountType.COMPANY
    kind = AccountType.COMPANY if company else AccountType.INDIVIDUAL
    # The field is out of sight unless it is for a company; what stands there is not meant.
    meant = typed if company else {**typed, "company_name": ""}
    try:
        await guest.run(
            sign_ups.sign_up, firm=guest.firm.slug, type=kind, locale=guest.locale, **meant
        )
    except Refused as refused:
        if _says_closed(refused):
            return _closed(guest)
        return _page(guest, typed, kind, errors=guest.messages(refused))
    return guest.redirect("/sign-up/sent")


async def sent(guest: Guest) -> Response:
    """Where every sign-up goes on: in the mail."""
    return guest.page("sent.html.j2", signed_up=True)


async def show_finish(guest: Guest) -> Response:
    """What the mail's link is good for; uses nothing up."""
    return await _finish_page(guest, guest.request.query_params.get("token"))


async def finish(guest: Guest) -> Response:
    """Sets the password, opens the account; signs in where nobody else is signed in."""
    return await set_password(guest, finish_sign_up, Purpose.SIGN_UP, page=_finish_page)


def _page(
    guest: Guest,
    typed: dict[str, str],
    kind: AccountType,
    *,
    errors: dict[str, str] | None = None,
) -> Response:
    if not guest.firm.sign_up_enabled:
        return _closed(guest)
    return guest.page("sign_up.html.j2", typed=typed, kind=kind.value, errors=errors or {})


async def _finish_page(
    guest: Guest, given: str | None, *, errors: dict[str, str] | None = None
) -> Response:
    token = guest.own_token(Purpose.SIGN_UP, given)
    try:
        found: SignUpLink = await guest.look(look_at_sign_up, token=token)
    except Refused:
        return _closed(guest)
    parts: dict[str, Any] = {"token": token, "errors": errors or {}}
    if found.status is not ActivationStatus.VALID:
        state = "REPLACED" if found.replaced else found.status.value
        return guest.page("dead_link.html.j2", state=state, purpose="sign_up", **parts)
    return guest.page(
        "finish.html.j2",
        sign_up=found.sign_up,
        signed_in=guest.visit.caller is not None,
        **parts,
    )


def _says_closed(refused: Refused) -> bool:
    return any(each.code is ErrorCode.SIGN_UP_CLOSED for each in refused.refusals)


def _closed(guest: Guest) -> Response:
    return guest.page("closed.html.j2", status=404)
