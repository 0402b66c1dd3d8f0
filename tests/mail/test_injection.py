"""Nothing that people typed adds a header or a recipient."""

from __future__ import annotations

import email
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mail.addresses import AddressInvalid
from mail.delivery import Refused, transport
from mail.outbox import Template
from mail.render import Message, Renderer
from models import Firm, Mail
from models.enums import Locale
from tests.mail.conftest import MailServer

RENDER = Renderer(
    sender="post@mandant.example",
    link_url=lambda firm, slug, purpose, subject, counter: "https://mandant.example/link",
    portal_url=lambda _: "https://mandant.example/p",
)
HEADERS = {
    "From",
    "To",
    "Subject",
    "Message-ID",
    "Date",
    "Content-Language",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
}
EVIL = [
    "Eva\r\nBcc: thief@evil.example",
    "Eva\nBcc: thief@evil.example",
    "Eva\rBcc: thief@evil.example",
    "Eva\x85Bcc: thief@evil.example",
    "Eva\u2028Bcc: thief@evil.example",
    "Eva\x00\x0b\x0c\x1c",
    "Eva, thief@evil.example",
    'Eva" <thief@evil.example>, "x',
    "Müller, Söhne & Partner <thief@evil.example>; Steuerberatungsgesellschaft mbH, München",
    "=?utf-8?q?Eva=0D=0ABcc=3A_thief=40evil=2Eexample?=",
    "=?utf-8?q?Eva=2C_thief=40evil=2Eexample=2C?= \u00fc",
    "\u202eelpmaxe.live@feiht\u202c",
    "(comment) Eva \\",
    "group: thief@evil.example;",
    "",
]


def rendered(text: str, recipient: str = "eva@kundin.example") -> Message:
    """A mail in which every text that somebody may type is *text*."""
    content: dict[str, Any] = {
        "first_name": text,
        "client_name": text,
        "account_name": text,
        "account_number": text,
        "account_url": "https://mandant.example/accounts/acct_1",
    }
    mail = Mail(
        id="mail_1",
        template=Template.CLIENT_ACTIVATED,
        recipient=recipient,
        locale=Locale.DE,
        content=content,
    )
    firm = Firm(id="firm_1", slug="weber", name=text, time_zone="Europe/Berlin")
    return RENDER(mail, firm, now=datetime(2026, 11, 23, 12, tzinfo=UTC))


def parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def check(message: EmailMessage) -> None:
    assert set(message.keys()) == HEADERS and len(message.keys()) == len(HEADERS)
    assert [a.addr_spec for a in message["From"].addresses] == ["post@mandant.example"]
    assert [a.addr_spec for a in message["To"].addresses] == ["eva@kundin.example"]
    for shown in (message["Subject"], message["From"].addresses[0].display_name):
        assert not [c for c in shown if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")]


@pytest.mark.anyio
@pytest.mark.parametrize("text", EVIL)
async def test_the_envelope_and_the_headers_stay_the_same(
    listen: Callable[..., MailServer], text: str
) -> None:
    server = listen()
    message = rendered(text)
    await transport(server.url).deliver(
        message.as_email(), recipient=message.recipient, mail_id="mail_1"
    )
    [got] = server.received
    assert (got.sender, got.recipients) == ("post@mandant.example", ["eva@kundin.example"])
    assert [c for c in server.commands if c.startswith("RCPT")] == ["RCPT eva@kundin.example"]
    check(got.message)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=120))
@example("=?=?utf-8?q?a=0D=0ABcc=3A_thief=40evil=2Eexample?=")
@example("ü" * 70 + ", x@evil.example, " + "y" * 70)
def test_no_name_at_all_changes_the_headers(text: str) -> None:
    check(parsed(rendered(text).as_email().as_bytes()))


@pytest.mark.parametrize(
    "recipient",
    [
        "",
        "eva",
        "eva@kundin.example, thief@evil.example",
        "eva@kundin.example\r\nBcc: thief@evil.example",
        "eva@kundin.example\nRCPT TO:<thief@evil.example>",
        "eva@kundin.example\x00",
        "Eva <eva@kundin.example>",
        "<eva@kundin.example>",
        "eva@kundin.example>",
        "eva@kundin.example ORCPT=rfc822;thief@evil.example",
        "group: eva@kundin.example;",
        "\u202eeva@kundin.example",
        "eva@kundin.example@evil.example",
    ],
)
def test_a_recipient_that_is_not_one_address_is_refused(recipient: str) -> None:
    with pytest.raises(AddressInvalid):
        rendered("Eva", recipient)


@pytest.mark.anyio
@pytest.mark.parametrize("recipient", ["eva@kundin.example\r\nRSET", "a b", "eva@k\x00.example"])
async def test_the_transport_refuses_such_a_recipient_too(
    listen: Callable[..., MailServer], recipient: str
) -> None:
    server = listen()
    with pytest.raises(Refused):
        await transport(server.url).deliver(
            rendered("Eva").as_email(), recipient=recipient, mail_id="mail_1"
        )
    assert [c for c in server.commands if c != "EHLO"] == []


def test_a_domain_in_other_letters_goes_out_in_ascii() -> None:
    assert rendered("Eva", "eva@müller.example").recipient == "eva@xn--mller-kva.example"
