"""Mail servers that really listen, and workers with a clock that stands still."""

from __future__ import annotations

import asyncio
import email
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from sqlalchemy.ext.asyncio import AsyncSession

from mail.render import Renderer
from mail.worker import Worker
from models import Mail
from tenancy.database import Database
from tests.mail.people import Invited, invite_somebody

USER, PASSWORD = "mandant@example.com", "p@ss/word:%41"


@dataclass(frozen=True)
class Received:
    """A mail as a server got it."""

    sender: str
    recipients: list[str]
    content: bytes
    encrypted: bool
    signed_in: bool

    @property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.content, policy=default)  # type: ignore[return-value]


@dataclass
class MailServer:
    """A listening server: what it got, and what it answers instead of taking a mail."""

    url: str = ""
    port: int = 0
    received: list[Received] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, _: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.commands.append("EHLO")
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, _: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.commands.append(f"MAIL {address}")
        if "MAIL" in self.answers:
            return self.answers["MAIL"]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.commands.append(f"RCPT {address}")
        if self.answers.get("RCPT") == "drop":
            assert server.transport is not None
            server.transport.close()
            return "421 Bye"
        if "RCPT" in self.answers:
            return self.answers["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if "DATA" in self.answers:
            return self.answers["DATA"]
        assert isinstance(envelope.content, bytes)
        assert server.transport is not None
        self.received.append(
            Received(
                sender=envelope.mail_from or "",
                recipients=list(envelope.rcpt_tos),
                content=envelope.content,
                encrypted=server.transport.get_extra_info("sslcontext") is not None,
                signed_in=bool(session.authenticated),
            )
        )
        return "250 Taken"


@dataclass(frozen=True)
class Certificates:
    """An authority of our own, and a server's certificate from it."""

    authority: Path
    server: ssl.SSLContext


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    authority = trustme.CA()
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return Certificates(path, context)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _check(server: SMTP, session: Session, *args: Any) -> AuthResult:
    given = args[-1]
    fits = isinstance(given, LoginPassword) and (given.login, given.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=fits, handled=False)


@pytest.fixture
def listen(certificates: Certificates) -> Iterator[Callable[..., MailServer]]:
    """Starts servers: `listen(tls=None | "starttls" | "implicit", sign_in=False, utf8=False)`."""
    running: list[Controller] = []

    def start(tls: str | None = None, *, sign_in: bool = False, utf8: bool = False) -> MailServer:
        mailbox = MailServer(port=_free_port())
        mailbox.url = f"{'smtps' if tls == 'implicit' else 'smtp'}://127.0.0.1:{mailbox.port}"
        controller = Controller(
            mailbox,
            hostname="127.0.0.1",
            port=mailbox.port,
            ssl_context=certificates.server if tls == "implicit" else None,
            tls_context=certificates.server if tls == "starttls" else None,
            require_starttls=tls == "starttls",
            enable_SMTPUTF8=utf8,
            authenticator=_check,
            auth_required=sign_in,
        )
        controller.start()
        running.append(controller)
        return mailbox

    yield start
    for controller in running:
        controller.stop(no_assert=True)


SECRET_LINK = "https://mandant.example/activate?token=the-secret"


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Post:
    """A transport that notes what it is handed, and answers as it is told."""

    def __init__(self, *answers: Exception) -> None:
        self.answers = list(answers)
        self.handed: list[tuple[str, str]] = []
        self.busy = self.busiest = 0

    async def deliver(self, message: EmailMessage, *, recipient: str, mail_id: str) -> None:
        self.handed.append((mail_id, recipient))
        self.busy += 1
        self.busiest = max(self.busy, self.busiest)
        await asyncio.sleep(0.05)
        self.busy -= 1
        if self.answers:
            raise self.answers.pop(0)

    @property
    def ids(self) -> list[str]:
        return [mail_id for mail_id, _ in self.handed]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def invited(database: Database, clock: Clock) -> Invited:
    return await invite_somebody(database, clock.now)


@pytest.fixture
def given_up() -> list[tuple[str, str, str | None]]:
    """Firm, mail and reason of each mail that was given up."""
    return []


@pytest.fixture
def employ(
    database: Database, clock: Clock, given_up: list[tuple[str, str, str | None]]
) -> Callable[..., Worker]:
    async def note(session: AsyncSession, firm_id: str, mail: Mail) -> None:
        given_up.append((firm_id, mail.id, mail.failure))

    def start(post: Any, **changes: Any) -> Worker:
        parts: dict[str, Any] = {
            "database": database,
            "render": Renderer(
                sender="post@mandant.example",
                link_url=lambda firm, slug, purpose, subject, counter: SECRET_LINK,
                portal_url=lambda slug: f"https://mandant.example/p/{slug}",
            ),
            "clock": clock,
            "on_failed": note,
        }
        return Worker(transport=post, **{**parts, **changes})

    return start
