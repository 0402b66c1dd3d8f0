"""From an invitation, by a real mail server, to a client who signs in."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from tests.deployments import ACTIVATE, CREATE_ACCOUNT, PASSWORD
from tests.mail.conftest import PASSWORD as MAIL_PASSWORD
from tests.mail.conftest import USER, Certificates, MailServer
from tests.processes import serving
from tests.reliability.conftest import contact

ACCOUNT = """
query ($id: ID!) {
  account(id: $id) { portalStatus contacts { nodes { invitation { status delivery } } } }
  notifications { nodes { kind account { id } } }
}
"""


async def until(met: Callable[[], object]) -> None:
    """Waits, at most ten seconds, until *met* says something."""
    async with asyncio.timeout(10):
        while not met():
            await asyncio.sleep(0.05)


async def test_an_invitation_goes_by_the_mail_server_and_its_link_activates(
    migrated_url: str,
    tmp_path: Path,
    listen: Callable[..., MailServer],
    certificates: Certificates,
) -> None:
    mailbox = listen("starttls", sign_in=True)
    credentials = f"{quote(USER, safe='')}:{quote(MAIL_PASSWORD, safe='')}"
    mail_url = f"smtp://{credentials}@127.0.0.1:{mailbox.port}?ca={certificates.authority}"
    async with serving(migrated_url, tmp_path / "server", MANDANT_MAIL_URL=mail_url) as server:
        owner = await server.firm("by-mail")
        input = {"type": "INDIVIDUAL", "contacts": [contact("kim", invited=True)]}
        account = (await owner.ask(CREATE_ACCOUNT, input=input)).payload()["account"]
        await until(lambda: mailbox.received)

        [mail] = mailbox.received
        assert mail.encrypted and mail.signed_in
        assert mail.recipients == ["kim@client.test"]
        text = mail.message.get_body(("plain",))
        assert text is not None
        [link] = re.findall(r"http\S+token=\S+", text.get_content())
        assert link.startswith(f"{server.address}/p/by-mail/activate?token=")
        assert (await server.http.get(link)).status_code == 200

        [token] = parse_qs(urlsplit(link).query)["token"]
        activated = await server.nobody.ask(ACTIVATE, input={"token": token, "password": PASSWORD})
        assert activated.payload()["viewer"]["email"] == "kim@client.test"
        (await server.sign_in("by-mail", "kim@client.test")).payload()
        seen = (await owner.ask(ACCOUNT, id=account["id"])).data
        assert seen["account"] == {
            "portalStatus": "ACTIVE",
            "contacts": {"nodes": [{"invitation": {"status": "ACCEPTED", "delivery": "SENT"}}]},
        }
        # The owner hears of it by mail, too.
        await until(lambda: len(mailbox.received) == 2)
        assert mailbox.received[1].recipients == ["owner@by-mail.test"]
        for secret in (token, PASSWORD, MAIL_PASSWORD, quote(MAIL_PASSWORD, safe="")):
            assert secret not in server.log


async def test_a_refused_recipient_ends_as_failed_and_is_told_to_the_firm(
    migrated_url: str, tmp_path: Path, listen: Callable[..., MailServer]
) -> None:
    mailbox = listen()
    mailbox.answers["RCPT"] = "550 5.1.1 No such user"
    async with serving(migrated_url, tmp_path / "server", MANDANT_MAIL_URL=mailbox.url) as server:
        owner = await server.firm("bounced")
        input = {"type": "INDIVIDUAL", "contacts": [contact("nobody", invited=True)]}
        account = (await owner.ask(CREATE_ACCOUNT, input=input)).payload()["account"]
        async with asyncio.timeout(10):
            while not (seen := (await owner.ask(ACCOUNT, id=account["id"])).data)["notifications"][
                "nodes"
            ]:
                await asyncio.sleep(0.05)
        assert seen["account"]["contacts"]["nodes"] == [
            {"invitation": {"status": "PENDING", "delivery": "FAILED"}}
        ]
        assert seen["notifications"]["nodes"] == [
            {"kind": "INVITATION_BOUNCED", "account": {"id": account["id"]}}
        ]
        assert mailbox.received == []
        assert mailbox.commands.count("RCPT nobody@client.test") == 1
