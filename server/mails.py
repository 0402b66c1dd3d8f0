"""The page `/mails` of `mandant demo`: what was sent, so that one can go on from there.

No other command has it. It shows the files of the folder that mails are written to, links in
them included, to whoever can reach the server.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Final, Self

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from mail.delivery import Folder, transport
from portal.rendering import PAGE_HEADERS
from server.pages import Assets, page, prefix_of
from server.settings import Settings

NEWEST: Final = 200
"""So many are listed."""

_NAME: Final = re.compile(r"mail_[0-9a-f]{32}\.eml")
_PAGE: Final = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'none'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
# The mail's own document: styles in its elements, and nothing else at all. Links open a tab.
_SANDBOX: Final = "allow-popups allow-popups-to-escape-sandbox"
_MAIL: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'self'; "
    f"base-uri 'none'; sandbox {_SANDBOX}"
)


@dataclass(frozen=True)
class SentMail:
    """One mail, as it lies in the folder."""

    id: str
    to: str
    sender: str
    subject: str
    date: datetime | None
    text: str
    html: str

    @classmethod
    def read(cls, path: Path) -> Self:
        """The mail in the file at *path*. Raises OSError."""
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        return cls(
            id=path.stem,
            to=str(message["To"] or ""),
            sender=str(message["From"] or ""),
            subject=str(message["Subject"] or ""),
            date=message["Date"].datetime if message["Date"] else None,
            text=_body(message, "plain"),
            html=_body(message, "html"),
        )


class MailsPage:
    """The list of mails, and each of them."""

    def __init__(self, folder: Path, *, base_url: str) -> None:
        self._folder = folder
        prefix = prefix_of(base_url)
        self._home = f"{prefix}/mails"
        self._assets = Assets("mails", path="/mails/static", prefix=prefix)

    def routes(self) -> list[Route]:
        """The pages and their stylesheet."""
        return [
            Route("/mails", self._list),
            self._assets.route(),
            Route("/mails/{id}", self._show),
            Route("/mails/{id}/html", self._document),
        ]

    async def _list(self, _: Request) -> Response:
        mails, more = await asyncio.to_thread(self._newest)
        return self._page("mails.html.j2", mails=mails, more=more)

    async def _show(self, request: Request) -> Response:
        mail = await self._found(request)
        if mail is None:
            return Response(status_code=404)
        return self._page("mail.html.j2", mail=mail, sandbox=_SANDBOX)

    async def _document(self, request: Request) -> Response:
        mail = await self._found(request)
        if mail is None:
            return Response(status_code=404)
        # The portal lets nobody frame it: links leave the frame.
        html = mail.html.replace("<head>", '<head><base target="_blank">', 1)
        return HTMLResponse(html, headers={**PAGE_HEADERS, "Content-Security-Policy": _MAIL})

    def _page(self, template: str, **parts: object) -> Response:
        stylesheet = self._assets.address("mails.css")
        return page(template, policy=_PAGE, home=self._home, stylesheet=stylesheet, **parts)

    async def _found(self, request: Request) -> SentMail | None:
        name = f"{request.path_params['id']}.eml"
        if not _NAME.fullmatch(name):
            return None
        try:
            return await asyncio.to_thread(SentMail.read, self._folder / name)
        except FileNotFoundError:
            return None

    def _newest(self) -> tuple[list[SentMail], int]:
        """The newest mails, and how many older ones there are."""
        # An id begins with the moment that the mail was written at.
        found = (path.name for path in self._folder.glob("*.eml"))
        names = sorted(name for name in found if _NAME.fullmatch(name))
        shown = [SentMail.read(self._folder / name) for name in reversed(names[-NEWEST:])]
        return shown, len(names) - len(shown)


def mails_page(settings: Settings) -> MailsPage | None:
    """The page for the folder that mails go to; None where they go to a server."""
    folder = transport(settings.mail_url)
    if not isinstance(folder, Folder):
        return None
    return MailsPage(folder.path, base_url=settings.base_url)


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return part.get_content() if part is not None else ""
