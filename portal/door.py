"""The door: every page's request passes here, and what goes wrong becomes a page as well."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from auth.links import LinkInvalid, Purpose
from auth.passwords import Overloaded
from auth.permissions import Forbidden, Unauthenticated
from auth.throttle import RateLimited
from models import Firm
from models.enums import Locale
from portal.forms import FIELD, FormRefused, new_nonce, nonce_cookie, nonce_of, read_form
from portal.rendering import render
from resolvers.firms import look_at_portal
from resolvers.refusal import Refused
from resolvers.run import plainly, run
from resolvers.unit import Deployment
from tenancy.caller import Caller, Visit
from tenancy.database import Database
from tenancy.outage import Unavailable

VisitOf = Callable[[Request, Database], Awaitable[Visit]]
SessionCookie = Callable[[str | None], tuple[str, str]]

_SLUG = re.compile(r"[a-z0-9-]{1,63}")
_NAMES_A_LANGUAGE = re.compile(r"(?:^|,)\s*(?:de|en)\s*(?:[-;,]|$)", re.IGNORECASE)

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


@dataclass(frozen=True, kw_only=True)
class Guest:
    """One request to a page of a firm's portal, and how it is answered."""

    deployment: Deployment
    request: Request
    visit: Visit
    firm: Firm
    locale: Locale
    nonce: str
    session_cookie: SessionCookie
    form: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    @property
    def home(self) -> str:
        """The path of the firm's portal."""
        return f"{_prefix(self.deployment)}/p/{self.firm.slug}"

    @property
    def client(self) -> Caller | None:
        """Who is signed in, if it is a client of this firm; anybody else is none here."""
        caller = self.visit.caller
        if caller is None or caller.is_member or caller.firm_id != self.firm.id:
            return None
        return caller

    async def run(
        self, use_case: Callable[..., Awaitable[Any]], *, answer: Any = plainly, **arguments: Any
    ) -> Any:
        """Runs a use case for the visit (`resolvers.run`)."""
        return await run(self.deployment, self.visit, use_case, answer=answer, **arguments)

    def own_token(self, purpose: Purpose, token: str | None) -> str:
        """*token* where it is a link of this firm; otherwise one that no link has."""
        try:
            link = self.deployment.links.read(purpose, token or "")
        except LinkInvalid:
            return ""
        return token or "" if link.firm_id == self.firm.id else ""

    def messages(self, refused: Refused) -> dict[str, str]:
        """What there is to mend: the field's name and the sentence."""
        return {str(each.place[0]): each.message(self.locale) for each in refused.refusals}

    def page(self, template: str, *, status: int = 200, **parts: Any) -> Response:
        """A page of the portal."""
        response = render(
            template,
            locale=self.locale,
            prefix=_prefix(self.deployment),
            status=status,
            firm=self.firm,
            home=self.home,
            form_field=FIELD,
            form_token=self.deployment.forms.sign(self.nonce),
            **parts,
        )
        https = self.deployment.https
        if nonce_of(self.request, https=https) is None:
            response.headers.append(*nonce_cookie(self.nonce, https=https))
        return response

    def redirect(self, within: str = "") -> Response:
        """Sends the browser to a page of the portal, by GET."""
        return RedirectResponse(f"{self.home}{within}", status_code=303)


Handler = Callable[[Guest], Awaitable[Response]]


class Door:
    """Makes routes of handlers: finds firm, visitor and form first, catches what they raise."""

    def __init__(
        self, deployment: Deployment, *, visit_of: VisitOf, session_cookie: SessionCookie
    ) -> None:
        self._deployment = deployment
        self._visit_of = visit_of
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

    async def _answer(self, request: Request, handler: Handler) -> Response:
        visit = Visit()
        slug = request.path_params["slug"]
        firm: Firm | None = None
        try:
            visit = await self._visit_of(request, self._deployment.database)
            if _SLUG.fullmatch(slug):
                firm = await run(self._deployment, visit, look_at_portal, answer=plainly, firm=slug)
        except Unavailable as away:
            return self._later(away.retry_after, visit.locale, None)
        if firm is None:
            return self._problem(404, visit.locale, None)
        locale = _locale(request, visit, firm)
        try:
            form: Mapping[str, str] = {}
            if request.method == "POST":
                form = await read_form(request, self._deployment.forms, origin=self._origin)
            guest = Guest(
                deployment=self._deployment,
                request=request,
                visit=visit,
                firm=firm,
                locale=locale,
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
        except (RateLimited, Overloaded, Unavailable) as limited:
            return self._later(limited.retry_after, locale, firm)
        except (Unauthenticated, Forbidden):
            # The session ended between the page and its form: the home page asks to sign in.
            return RedirectResponse(f"{_prefix(self._deployment)}/p/{firm.slug}", status_code=303)

    def _later(self, seconds: int, locale: Locale, firm: Firm | None) -> Response:
        response = self._problem(429, locale, firm)
        response.headers["Retry-After"] = str(seconds)
        return response

    def _problem(self, status: int, locale: Locale, firm: Firm | None) -> Response:
        title, sentence = _PAGE_SENTENCES.get(status, _PAGE_SENTENCES[400])
        prefix = _prefix(self._deployment)
        return render(
            "problem.html.j2",
            locale=locale,
            prefix=prefix,
            status=status,
            firm=firm,
            home=f"{prefix}/p/{firm.slug}" if firm else None,
            title=title,
            sentence=sentence,
        )


def _prefix(deployment: Deployment) -> str:
    """What stands before every path, where the deployment is not at the root of its host."""
    return urlsplit(deployment.base_url).path.rstrip("/")


def _locale(request: Request, visit: Visit, firm: Firm) -> Locale:
    """A client's own language, else the browser's where it is one of ours, else the firm's."""
    caller = visit.caller
    if caller is not None and not caller.is_member and caller.firm_id == firm.id:
        return caller.locale
    asked = _NAMES_A_LANGUAGE.search(request.headers.get("accept-language", ""))
    return visit.locale if asked else firm.locale
