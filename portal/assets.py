"""What pages load: a stylesheet, a script, the firm's colour and logo; all from our own address.

Each address changes with its content, so that a browser may keep what it loaded.
"""

from __future__ import annotations

import hashlib
from importlib import resources
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from portal import colours
from resolvers.logos import media_type
from resolvers.portal import look_at_logo
from resolvers.run import look
from resolvers.unit import Deployment
from tenancy.caller import Visit

_KEPT = {"Cache-Control": "public, max-age=31536000, immutable"}
_TYPES = {
    "portal.css": "text/css",
    "portal.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
_FILES = {name: resources.files("portal").joinpath("static", name).read_bytes() for name in _TYPES}


def _address(name: str) -> str:
    return f"/p/static/{name}?v={hashlib.sha256(_FILES[name]).hexdigest()[:12]}"


STYLESHEET: Final = _address("portal.css")
SCRIPT: Final = _address("portal.js")
ICON: Final = _address("icon.svg")


def accent_address(colour: str) -> str:
    """The address of the stylesheet that gives the pages *colour*, a `#rrggbb`."""
    return f"/p/static/accent-{colour.removeprefix('#')}.css"


def asset_routes(deployment: Deployment) -> list[Route]:
    """The routes of everything that a page loads."""

    async def logo(request: Request) -> Response:
        slug = request.path_params["slug"]
        found = await look(deployment, Visit(), look_at_logo, firm=slug)
        kind = media_type(found) if found else None
        if found is None or kind is None:
            return Response(status_code=404)
        return Response(found, media_type=kind, headers=_KEPT)

    return [
        Route("/p/static/accent-{colour}.css", _accent),
        Route("/p/static/{name}", _static),
        Route("/p/{slug}/logo", logo),
    ]


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _FILES:
        return Response(status_code=404)
    return Response(_FILES[name], media_type=_TYPES[name], headers=_KEPT)


async def _accent(request: Request) -> Response:
    try:
        text = colours.stylesheet(f"#{request.path_params['colour']}")
    except ValueError:
        return Response(status_code=404)
    return Response(text, media_type="text/css", headers=_KEPT)
