"""Which language a page speaks, and how a visitor chooses another one."""

from __future__ import annotations

import re
from typing import Final

from starlette.requests import Request

from models.enums import Locale
from resolvers.portal import Face
from tenancy.caller import Visit

COOKIE: Final = "mandant-language"
"""Holds what a visitor chose; nothing depends on it but words."""
OTHER: Final = {Locale.DE: "en", Locale.EN: "de"}
_A_YEAR = 31_536_000  # Seconds.

_NAMES_A_LANGUAGE = re.compile(r"(?:^|,)\s*(?:de|en)\s*(?:[-;,]|$)", re.IGNORECASE)


def chosen(request: Request) -> Locale | None:
    """The language that the visitor asked for: on this very page, or on one before."""
    for asked in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if asked in ("de", "en"):
            return Locale(asked.upper())
    return None


def spoken(request: Request, visit: Visit, firm: Face) -> Locale:
    """A client's own language; else the chosen one, the browser's or the firm's."""
    caller = visit.caller
    if caller is not None and not caller.is_member and caller.firm_id == firm.id:
        return caller.locale
    if (asked := chosen(request)) is not None:
        return asked
    named = _NAMES_A_LANGUAGE.search(request.headers.get("accept-language", ""))
    return visit.locale if named else firm.locale


def language_cookie(locale: Locale, path: str, *, https: bool) -> tuple[str, str]:
    """The header that has a browser remember the choice for the portal at *path*."""
    secure = "; Secure" if https else ""
    kept = f"Path={path}; Max-Age={_A_YEAR}{secure}; HttpOnly; SameSite=Lax"
    return ("Set-Cookie", f"{COOKIE}={locale.lower()}; {kept}")
