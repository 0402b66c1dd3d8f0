"""The accounts of a client: all of them, and each at an address of its own.

An account's page is found by its address alone, so that two tabs on two accounts never mix. What
the session remembers is only where the client lands.
"""

from __future__ import annotations

from starlette.responses import Response

from portal.door import NothingHere
from portal.guest import Guest
from portal.sessions import sign_in_page
from resolvers import switching
from resolvers.refusal import Refused


async def show_all(guest: Guest) -> Response:
    """The accounts to choose from."""
    if guest.client is None:
        return sign_in_page(guest)
    seen = await guest.read(guest.questions.viewer)
    return guest.page("accounts.html.j2", client=seen["viewer"])


async def show_one(guest: Guest) -> Response:
    """One account, to whom it is open; to everybody else there is nothing here."""
    if guest.client is None:
        return sign_in_page(guest)
    id = guest.request.path_params["id"]
    seen = await guest.read(guest.questions.account, id=id)
    account = seen["portalAccount"]
    if account is None:
        raise NothingHere
    return guest.page("account.html.j2", client=seen["viewer"], here=id, account=account)


async def switch(guest: Guest) -> Response:
    """Goes to another account, and lands there from now on."""
    id = guest.form.get("account_id", "")
    if guest.client is None:
        return guest.redirect()
    try:
        await guest.run(switching.switch_account, account_id=id)
    except Refused:
        raise NothingHere from None
    return guest.redirect(f"/accounts/{id}")
