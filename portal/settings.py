"""What clients choose for themselves: the language."""

from __future__ import annotations

from starlette.responses import Response

from models.enums import Locale
from portal.guest import Guest
from portal.sessions import sign_in_page
from resolvers import languages


async def show_language(guest: Guest) -> Response:
    """The languages that there are."""
    if guest.client is None:
        return sign_in_page(guest)
    seen = await guest.read(guest.questions.viewer)
    return guest.page("language.html.j2", client=seen["viewer"])


async def change_language(guest: Guest) -> Response:
    """Speaks the chosen language from now on; what is none changes nothing."""
    asked = guest.form.get("locale", "").upper()
    if guest.client is not None and asked in Locale.__members__:
        await guest.run(languages.change_language, locale=Locale(asked))
        return guest.redirect("/language", note="language")
    return guest.redirect("/language")
