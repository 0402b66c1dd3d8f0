"""Pages: a template in the visitor's language, and the headers that every page has."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from language import day, minute, say
from models.enums import Locale
from portal.assets import ICON, SCRIPT, STYLESHEET, accent_address
from portal.devices import device
from resolvers.portal import Face

PAGE_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}

_TEMPLATES = Environment(
    loader=PackageLoader("portal"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(
    template: str,
    *,
    locale: Locale,
    prefix: str,
    firm: Face | None,
    status: int = 200,
    **parts: Any,
) -> Response:
    """The page made from *template*; *prefix* stands before every path of the deployment."""
    accent = firm.accent_color if firm else None
    logo = firm.logo_path if firm else None
    # A page that shows none of these need not name them.
    given: dict[str, Any] = {
        "errors": {},
        "note": None,
        "client": None,
        "here": None,
        "other_language": None,
    }
    text = _TEMPLATES.get_template(template).render(
        {
            **given,
            "firm": firm,
            "home": f"{prefix}/p/{firm.slug}" if firm else None,
            "language": locale.lower(),
            "stylesheet": prefix + STYLESHEET,
            "script": prefix + SCRIPT,
            "icon": prefix + ICON,
            "accent": prefix + accent_address(accent) if accent else None,
            "logo": prefix + logo if logo else None,
            "_": partial(say, locale),
            "day": partial(day, locale),
            "minute": partial(minute, locale),
            "device": partial(device, locale),
            **parts,
        }
    )
    return HTMLResponse(text, status, headers={**PAGE_HEADERS, "Content-Language": locale.lower()})
