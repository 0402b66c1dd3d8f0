"""What all links do in the end: set a password, and sign in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from starlette.responses import Response

from auth.links import Purpose
from portal.guest import Guest
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
    **arguments: Any,
) -> Response:
    """Sets the form's password by its link; signs in where nobody else is signed in."""
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
    return guest.redirect(note="activated") if fresh is None else guest.signed_in(fresh.token)
