"""The playground at `/graphql`: GraphiQL from our own files, for browsers that open the address.

A browser that navigates gets the page, whatever query the address holds: the page shows it, and
nothing of it runs before its reader says so. Every other request is the GraphQL view's, unseen.
"""

from __future__ import annotations

import secrets
from importlib import resources
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from server.graphql_response import MediaType, accepted_ranges
from server.pages import Assets, page, prefix_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_ACCOUNT: Final = """query Account {
  account(id: "$id") {
    number
    name
    type
    status
    portalStatus
    contacts {
      nodes {
        login
        portalStatus
        contact { name email }
      }
    }
  }
}
"""
_OURS: Final = {kind.value for kind in MediaType}


class Playground:
    """ASGI application: the page for browsers, and *view* for everybody else."""

    def __init__(self, view: ASGIApp, *, base_url: str) -> None:
        self._view = view
        prefix = prefix_of(base_url)
        self._endpoint = f"{prefix}/graphql"
        self._assets = Assets("playground", path="/graphql/static", prefix=prefix)
        self._examples = examples()

    def routes(self) -> list[Route]:
        """The endpoint, the page's files, and where a notification of an account leads."""
        return [
            Route("/graphql", self),
            self._assets.route(),
            Route("/accounts/{id}", self._to_account),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        answering = self._page() if wants_page(request) else self._view
        await answering(scope, receive, send)

    async def _to_account(self, request: Request) -> Response:
        """Shows the account's query."""
        id = request.path_params["id"]
        if not id.replace("_", "").isalnum() or not id.isascii():
            return Response(status_code=404)
        query = quote(_ACCOUNT.replace("$id", id))
        return RedirectResponse(f"{self._endpoint}?query={query}", status_code=303)

    def _page(self) -> Response:
        # Some parts of GraphiQL (dialogs, menus) add a <style> of their own: those that know the
        # nonce may. Scripts come from files alone.
        nonce = secrets.token_urlsafe(18)
        response = page(
            "playground.html.j2",
            policy=(
                f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; "
                "img-src 'self' data:; connect-src 'self'; form-action 'none'; "
                "frame-ancestors 'none'; base-uri 'none'"
            ),
            nonce=nonce,
            endpoint=self._endpoint,
            asset=self._assets.address,
            examples=self._examples,
        )
        response.headers["Vary"] = "Accept"
        return response


def wants_page(request: Request) -> bool:
    """Whether a browser opens the address: it names HTML, and likes no GraphQL answer better.

    Programs that speak GraphQL name its media types, or take anything (`*/*`).
    """
    if request.method != "GET":
        return False
    ranges = accepted_ranges(request)
    html = max((quality for name, quality in ranges if name == "text/html"), default=0.0)
    ours = max((quality for name, quality in ranges if name in _OURS), default=0.0)
    return html > 0 and html >= ours


def examples() -> list[str]:
    """The documents that the playground opens with, in their order."""
    folder = resources.files("server").joinpath("examples")
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return [file.read_text(encoding="utf-8") for file in files if file.name.endswith(".graphql")]


async def no_page_of_account(_: Request) -> Response:
    """Where a notification of an account leads without the playground."""
    sentence = "This deployment shows accounts by its API alone.\n"
    return PlainTextResponse(sentence, status_code=404)
