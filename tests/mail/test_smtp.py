from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

import pytest

from mail.delivery import Refused, Unreachable, transport
from mail.render import Message
from tests.mail.conftest import PASSWORD, USER, Certificates, MailServer

pytestmark = pytest.mark.anyio

Listen = Callable[..., MailServer]

MESSAGE = Message(
    message_id="<mail_1@mandant.example>",
    sender_name="Kanzlei Müller, Söhne & Partner",
    sender="post@mandant.example",
    recipient="eva@kundin.example",
    subject="Grüße",
    text="Ein Text.\n.\nNach dem Punkt.\n",
    html="<p>Ein Text.</p>",
    headers={"Auto-Submitted": "auto-generated"},
)


async def deliver(url: str, message: Message = MESSAGE) -> None:
    await transport(url).deliver(message.as_email(), recipient=message.recipient, mail_id="mail_1")


def signing_in(server: MailServer, password: str = PASSWORD) -> str:
    return server.url.replace("://", f"://{quote(USER, safe='')}:{quote(password, safe='')}@")


async def test_a_plain_server_takes_the_mail(listen: Listen) -> None:
    server = listen()
    await deliver(server.url)
    [got] = server.received
    assert (got.sender, got.recipients) == ("post@mandant.example", ["eva@kundin.example"])
    assert not got.encrypted
    assert got.message["Subject"] == "Grüße"
    body = got.message.get_body(("plain",))
    assert body is not None
    assert body.get_content().splitlines() == ["Ein Text.", ".", "Nach dem Punkt."]


async def test_the_mail_is_seven_bit_and_has_short_lines(listen: Listen) -> None:
    server = listen()
    await deliver(server.url)
    content = server.received[0].content
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 78


async def test_starttls_and_a_sign_in(listen: Listen, certificates: Certificates) -> None:
    server = listen("starttls", sign_in=True)
    await deliver(f"{signing_in(server)}?ca={certificates.authority}")
    [got] = server.received
    assert got.encrypted and got.signed_in


async def test_tls_from_the_first_byte(listen: Listen, certificates: Certificates) -> None:
    server = listen("implicit")
    await deliver(f"{server.url}?ca={certificates.authority}")
    assert server.received[0].encrypted


async def test_starttls_is_used_where_it_is_offered(listen: Listen) -> None:
    server = listen("starttls")
    await deliver(server.url)
    assert server.received[0].encrypted


@pytest.mark.parametrize("demand", ["password", "tls"])
async def test_nothing_is_said_in_the_clear_where_tls_is_a_must(
    listen: Listen, demand: str
) -> None:
    server = listen()
    url = signing_in(server) if demand == "password" else f"{server.url}?tls=required"
    with pytest.raises(Unreachable):
        await deliver(url)
    assert server.received == []
    assert [c for c in server.commands if c != "EHLO"] == []


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_an_unknown_authority_is_not_trusted(listen: Listen, tls: str) -> None:
    server = listen(tls)
    with pytest.raises(Unreachable):
        await deliver(f"{server.url}?tls=required")
    assert server.received == []


async def test_a_wrong_password_is_a_reason_to_try_again_and_is_not_repeated(
    listen: Listen, certificates: Certificates
) -> None:
    server = listen("starttls", sign_in=True)
    url = f"{signing_in(server, 'wrong-secret-word')}?ca={certificates.authority}"
    with pytest.raises(Unreachable) as caught:
        await deliver(url)
    assert caught.value.code == 535
    assert "wrong-secret-word" not in repr(caught.value)
    assert caught.value.__cause__ is None and caught.value.__suppress_context__
    assert "wrong-secret-word" not in repr(transport(url))


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
async def test_a_permanent_answer_refuses_the_mail(listen: Listen, step: str) -> None:
    server = listen()
    server.answers[step] = "550 5.1.1 No such \x1b[31muser"
    with pytest.raises(Refused) as caught:
        await deliver(server.url)
    assert caught.value.code == 550
    assert caught.value.reason == "550 5.1.1 No such [31muser"


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("answer", ["450 4.2.0 Greylisted", "530 5.7.0 Sign in first"])
async def test_a_passing_answer_means_later(listen: Listen, step: str, answer: str) -> None:
    server = listen()
    server.answers[step] = answer
    with pytest.raises(Unreachable) as caught:
        await deliver(server.url)
    assert caught.value.reason == answer


async def test_a_dropped_connection_means_later(listen: Listen) -> None:
    server = listen()
    server.answers["RCPT"] = "drop"
    with pytest.raises(Unreachable):
        await deliver(server.url)


async def test_nobody_listening_means_later() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(Unreachable):
        await deliver(f"smtp://127.0.0.1:{port}")


async def test_letters_outside_ascii_in_an_address_need_a_server_that_knows_them(
    listen: Listen,
) -> None:
    message = replace(MESSAGE, recipient="jörg@kundin.example")
    with pytest.raises(Refused):
        await deliver(listen().url, message)
    server = listen(utf8=True)
    await deliver(server.url, message)
    [got] = server.received
    assert got.recipients == ["jörg@kundin.example"]
    assert "To: jörg@kundin.example\r\n".encode() in got.content


@pytest.mark.parametrize(
    "url",
    [
        "smtp://user:the-secret@",
        "smtp://user:the-secret@host:99999",
        "smtp://user:the-secret@host:port",
        "smtp://user:the-secret@host/path",
        "smtp://user:the-secret@host?tls=never",
        "smtp://user:the-secret@host?verify=no",
        "smtp://user:the-secret@host?ca=/nowhere/ca.pem",
        "http://user:the-secret@host",
        "file://host/folder",
        "file:",
        "",
    ],
)
def test_an_address_that_is_none_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError) as caught:
        transport(url)
    assert "the-secret" not in str(caught.value)
    assert caught.value.__context__ is None or caught.value.__suppress_context__
