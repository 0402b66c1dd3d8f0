"""Pages: a template in the visitor's language, and the headers that every page has."""

from __future__ import annotations

import hashlib
from functools import partial
from importlib import resources
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from language import day, say
from models.enums import Locale

STYLESHEET: Final = "/p/static/portal.css"
PAGE_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}

_STYLE = resources.files("portal").joinpath("static/portal.css").read_bytes()
_VERSION = hashlib.sha256(_STYLE).hexdigest()[:12]
_TEMPLATES = Environment(
    loader=PackageLoader("portal"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(
    template: str, *, locale: Locale, prefix: str, status: int = 200, **parts: Any
) -> Response:
    """The page made from *template*; *prefix* stands before every path of the deployment."""
    text = _TEMPLATES.get_template(template).render(
        {
            "language": locale.lower(),
            "stylesheet": f"{prefix}{STYLESHEET}?v={_VERSION}",
            "_": partial(say, locale),
            "day": partial(day, locale),
            **parts,
        }
    )
    return HTMLResponse(text, status, headers={**PAGE_HEADERS, "Content-Language": locale.lower()})


async def stylesheet(_: Request) -> Response:
    """The one stylesheet; its address changes with its content, so it may be kept."""
    return Response(
        _STYLE,
        media_type="text/css",
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
    )
