"""One request to a page: who came, to which firm, and how they are answered."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from auth.links import LinkInvalid, Purpose
from auth.permissions import Unauthenticated
from models.enums import Locale
from portal.forms import FIELD, nonce_cookie, nonce_of
from portal.languages import OTHER, language_cookie
from portal.reading import Question, Questions
from portal.rendering import render
from resolvers.portal import Face
from resolvers.refusal import Refused
from resolvers.run import look, plainly, run
from resolvers.unit import Deployment
from tenancy.caller import Caller, Visit

SessionCookie = Callable[[str | None], tuple[str, str]]

_WITHIN = re.compile(r"/(accounts(/acct_[0-9a-f]{32})?|sessions|password|language)")
"""The pages that somebody who has to sign in first is led back to."""


@dataclass(frozen=True, kw_only=True)
class Guest:
    """One request to a page of a firm's portal, and how it is answered.

    *chosen* is the language that the visitor asked for on a page, if any.
    """

    deployment: Deployment
    questions: Questions
    request: Request
    visit: Visit
    firm: Face
    locale: Locale
    chosen: Locale | None
    nonce: str
    session_cookie: SessionCookie
    form: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    @property
    def home(self) -> str:
        """The path of the firm's portal."""
        return f"{prefix_of(self.deployment)}/p/{self.firm.slug}"

    @property
    def within(self) -> str:
        """The page's path below the firm's portal."""
        return self.request.url.path.removeprefix(f"/p/{self.firm.slug}")

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

    async def look(self, use_case: Callable[..., Awaitable[Any]], **arguments: Any) -> Any:
        """What a use case that only looks finds for the visit."""
        return await look(self.deployment, self.visit, use_case, **arguments)

    async def read(self, question: Question, **variables: str) -> dict[str, Any]:
        """What the client who is signed in sees; `viewer` is among it.

        Raises Unauthenticated for a client who was deleted in this very moment.
        """
        assert self.client is not None
        seen = await question.ask(self.client, **variables)
        if seen["viewer"] is None:
            raise Unauthenticated
        return seen

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
        query = self.request.query_params
        response = render(
            template,
            locale=self.locale,
            prefix=prefix_of(self.deployment),
            firm=self.firm,
            status=422 if parts.get("errors") else status,
            form_field=FIELD,
            form_token=self.deployment.forms.sign(self.nonce),
            note=query.get("note"),
            current=self.client.current_account_id if self.client else None,
            **{"other_language": self._in_other_language(), **parts},
        )
        https = self.deployment.https
        if nonce_of(self.request, https=https) is None:
            response.headers.append(*nonce_cookie(self.nonce, https=https))
        if "lang" in query and self.chosen is not None:
            response.headers.append(*language_cookie(self.chosen, self.home, https=https))
        return response

    def _in_other_language(self) -> str | None:
        """The address of this page in the other language; None for a client, who has a page."""
        if self.client is not None:
            return None
        kept = {"token": self.request.query_params.get("token") or self.form.get("token")}
        query = {name: value for name, value in kept.items() if value}
        return f"{self.home}{self.within}?{urlencode({**query, 'lang': OTHER[self.locale]})}"

    def redirect(self, within: str = "", *, note: str | None = None) -> Response:
        """Sends the browser to a page of the portal, by GET; *note* is what it shall say there."""
        query = f"?note={note}" if note else ""
        return RedirectResponse(f"{self.home}{within}{query}", status_code=303)

    def signed_in(self, token: str, within: str = "") -> Response:
        """Gives the browser a fresh session, and leads it on to *within*, if that is a page."""
        response = self.redirect(within if _WITHIN.fullmatch(within) else "")
        response.headers.append(*self.session_cookie(token))
        return response


def prefix_of(deployment: Deployment) -> str:
    """What stands before every path, where the deployment is not at the root of its host."""
    return urlsplit(deployment.base_url).path.rstrip("/")


Handler = Callable[[Guest], Awaitable[Response]]
