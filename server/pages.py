"""The server's own pages (in English): a template, and headers as strict as can be."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from typing import Any, Final
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from portal.rendering import PAGE_HEADERS

_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".txt": "text/plain"}
_TEMPLATES = Environment(
    loader=PackageLoader("server"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def prefix_of(base_url: str) -> str:
    """What stands before every path, where the deployment is not at the root of its host."""
    return urlsplit(base_url).path.rstrip("/")


def page(template: str, *, policy: str, **parts: Any) -> Response:
    """The page made from *template*; *policy* is its Content-Security-Policy."""
    text = _TEMPLATES.get_template(template).render(parts)
    return HTMLResponse(text, headers={**PAGE_HEADERS, "Content-Security-Policy": policy})


class Assets:
    """The files of one folder of `server/static`, served below *path*.

    The address of each changes with its content, so browsers may keep it for good.
    """

    def __init__(self, folder: str, *, path: str, prefix: str = "") -> None:
        self._path = path
        self._prefix = prefix
        self._files = _files(folder)

    def address(self, name: str) -> str:
        """Where pages find the file. Raises KeyError where there is none."""
        _, version = self._files[name]
        return f"{self._prefix}{self._path}/{name}?v={version}"

    def route(self) -> Route:
        """The route that answers there."""
        return Route(f"{self._path}/{{name}}", self._answer)

    async def _answer(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self._files:
            return Response(status_code=404)
        content, _ = self._files[name]
        ending = name[name.rindex(".") :]
        return Response(
            content,
            media_type=_TYPES[ending],
            headers={"Cache-Control": "public, max-age=31536000, immutable"},
        )


@cache
def _files(folder: str) -> dict[str, tuple[bytes, str]]:
    """Name to content and version, of the files that browsers load."""
    found: dict[str, tuple[bytes, str]] = {}
    for file in resources.files("server").joinpath("static", folder).iterdir():
        if file.is_file() and file.name.endswith(tuple(_TYPES)):
            content = file.read_bytes()
            found[file.name] = content, hashlib.sha256(content).hexdigest()[:12]
    return found
