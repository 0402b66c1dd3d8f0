"""The door: every page's request passes here, and what goes wrong becomes a page as well."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from auth.passwords import Overloaded
from auth.permissions import Forbidden, Unauthenticated
from auth.throttle import RateLimited
from models.enums import Locale
from portal import languages
from portal.forms import FormRefused, new_nonce, nonce_of, read_form
from portal.guest import Guest, Handler, SessionCookie, prefix_of
from portal.reading import Questions
from portal.rendering import render
from resolvers.portal import Face, face_of, face_statement
from resolvers.unit import Deployment
from schema.direct import Reading
from tenancy.caller import Visit
from tenancy.database import Database, Statement
from tenancy.outage import Unavailable

VisitBeside = Callable[[Request, Database, Statement], Awaitable[tuple[Visit, Any]]]

_SLUG = re.compile(r"[a-z0-9-]{1,63}")
_NO_SLUG = "-"
"""Stands for a slug that can be none; no firm has it."""

_FORM_SENTENCE = (
    "Your browser sent something that does not fit our form. Please go back, reload the page "
    "and try again."
)
_STALE_SENTENCE = (
    "This form was open for too long, or did not come from our page. Please go back, reload the "
    "page and try again. Your browser needs to accept cookies for it."
)
_PAGE_SENTENCES = {
    400: ("That did not work", _FORM_SENTENCE),
    403: (
        "Please try that once more",
        _STALE_SENTENCE,
    ),
    404: (
        "There is nothing here",
        "This address leads nowhere. Was the link copied whole?",
    ),
    413: ("That did not work", _FORM_SENTENCE),
    415: ("That did not work", _FORM_SENTENCE),
    429: (
        "Please wait a moment",
        "There were many tries within a short time. Please wait a little, go back and try again.",
    ),
}


class NothingHere(Exception):
    """A page that is not there, or not there for the one who asks: both look alike."""


class Door:
    """Makes routes of handlers: finds firm, visitor and form first, catches what they raise."""

    def __init__(
        self,
        deployment: Deployment,
        reading: Reading,
        *,
        visit_beside: VisitBeside,
        session_cookie: SessionCookie,
    ) -> None:
        self._deployment = deployment
        self._questions = Questions(reading)
        self._visit_beside = visit_beside
        self._session_cookie = session_cookie
        address = urlsplit(deployment.base_url)
        self._origin = f"{address.scheme}://{address.netloc}"

    def route(self, path: str, *, get: Handler | None = None, post: Handler | None = None) -> Route:
        """The route `/p/{slug}` + *path*."""
        handlers = {"GET": get, "HEAD": get, "POST": post}

        async def endpoint(request: Request) -> Response:
            handler = handlers[request.method]
            assert handler is not None
            return await self._answer(request, handler)

        return Route(
            "/p/{slug}" + path,
            endpoint,
            methods=[method for method, handler in handlers.items() if handler],
        )

    async def nowhere(self, request: Request) -> Response:
        """The page for an address below a firm's portal that leads nowhere."""

        async def refuse(_: Guest) -> Response:
            raise NothingHere

        return await self._answer(request, refuse)

    async def _answer(self, request: Request, handler: Handler) -> Response:
        database = self._deployment.database
        slug = request.path_params["slug"]
        statement = face_statement(database.dialect, slug if _SLUG.fullmatch(slug) else _NO_SLUG)
        try:
            visit, found = await self._visit_beside(request, database, statement)
        except Unavailable as away:
            return self._later(away.retry_after, Locale.EN, None)
        firm = face_of(found)
        if firm is None:
            return self._problem(404, languages.chosen(request) or visit.locale, None)
        locale = languages.spoken(request, visit, firm)
        try:
            form: Mapping[str, str] = {}
            if request.method == "POST":
                form = await read_form(request, self._deployment.forms, origin=self._origin)
            guest = Guest(
                deployment=self._deployment,
                questions=self._questions,
                request=request,
                visit=visit,
                firm=firm,
                locale=locale,
                chosen=languages.chosen(request),
                nonce=nonce_of(request, https=self._deployment.https) or new_nonce(),
                session_cookie=self._session_cookie,
                form=form,
            )
            return await handler(guest)
        except FormRefused as refused:
            response = self._problem(refused.status, locale, firm)
            # What was not read of the body would be taken for the next request.
            response.headers["Connection"] = "close"
            return response
        except NothingHere:
            return self._problem(404, locale, firm)
        except (RateLimited, Overloaded, Unavailable) as limited:
            return self._later(limited.retry_after, locale, firm)
        except (Unauthenticated, Forbidden):
            # The session ended between the page and its form: the home page asks to sign in.
            home = f"{prefix_of(self._deployment)}/p/{firm.slug}"
            return RedirectResponse(home, status_code=303)

    def _later(self, seconds: int, locale: Locale, firm: Face | None) -> Response:
        response = self._problem(429, locale, firm)
        response.headers["Retry-After"] = str(seconds)
        return response

    def _problem(self, status: int, locale: Locale, firm: Face | None) -> Response:
        title, sentence = _PAGE_SENTENCES.get(status, _PAGE_SENTENCES[400])
        return render(
            "problem.html.j2",
            locale=locale,
            prefix=prefix_of(self._deployment),
            firm=firm,
            status=status,
            title=title,
            sentence=sentence,
        )
