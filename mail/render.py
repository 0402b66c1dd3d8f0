"""A mail's row becomes a message: text and HTML, in the recipient's language, from the firm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from functools import partial

from jinja2 import Environment, PackageLoader, StrictUndefined

from language import say
from mail.addresses import envelope_address, in_header
from mail.colours import accent
from mail.facts import Facts
from mail.flowed import flowed, quoted
from mail.letters import compose
from models import Firm, Mail

LinkUrl = Callable[[str, str, str, str, int], str]
"""(firm's id, firm's slug, purpose, subject's id, counter) to the signed link's address."""


@dataclass(frozen=True)
class Message:
    """One mail, ready to be put on the wire. *recipient* and *sender* are bare addresses."""

    message_id: str
    sender_name: str
    sender: str
    recipient: str
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    headers: dict[str, str]

    def as_email(self) -> EmailMessage:
        """The message as the mail server gets it: seven-bit, unless the address is not."""
        message = EmailMessage(policy=SMTP if self.recipient.isascii() else SMTPUTF8)
        message["From"] = _mailbox(self.sender, self.sender_name)
        message["To"] = _mailbox(self.recipient)
        message["Subject"] = self.subject
        message["Message-ID"] = self.message_id
        message.set_content(self.text, cte="quoted-printable", params={"format": "flowed"})
        message.add_alternative(self.html, subtype="html", cte="quoted-printable")
        # Last: setting the content clears what starts with Content-.
        for name, value in self.headers.items():
            message[name] = value
        return message


class Renderer:
    """Renders mails for one deployment."""

    def __init__(self, *, sender: str, link_url: LinkUrl, portal_url: Callable[[str], str]) -> None:
        """*sender* is the address that all mails come from; *portal_url* knows a firm's slug.

        Raises ValueError for a sender that is no address, or not one in ASCII.
        """
        local, _, domain = sender.rpartition("@")
        self._domain = domain.encode("idna").decode("ascii")
        if not (local and domain and local.isascii() and sender.isprintable()) or " " in sender:
            raise ValueError("The mails' sender must be an e-mail address.")
        self._sender = f"{local}@{self._domain}"
        self._link_url = link_url
        self._portal_url = portal_url
        self._templates = Environment(
            loader=PackageLoader("mail"),
            autoescape=lambda name: name is not None and ".html" in name,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def __call__(self, mail: Mail, firm: Firm, *, now: datetime) -> Message:
        """The message for a row of the outbox. Its Message-ID is the same on every try.

        Raises AddressInvalid where the recipient is not exactly one address, KeyError or
        ValueError where the content does not fit the template.
        """
        facts = Facts(
            mail.content,
            locale=mail.locale,
            firm_name=firm.name,
            time_zone=firm.time_zone,
            link=self._link(mail, firm),
            portal_url=self._portal_url(firm.slug),
        )
        letter = compose(mail.template, facts)
        parts = {
            "letter": letter,
            "firm": facts.firm,
            "accent": accent(firm.accent_color),
            "language": mail.locale.lower(),
            "_": partial(say, mail.locale),
            "flowed": flowed,
            "quoted": quoted,
        }
        return Message(
            message_id=f"<{mail.id}@{self._domain}>",
            sender_name=in_header(facts.firm),
            sender=self._sender,
            recipient=envelope_address(mail.recipient),
            subject=in_header(letter.subject),
            text=self._templates.get_template("letter.txt.j2").render(parts),
            html=self._templates.get_template("letter.html.j2").render(parts),
            headers={
                "Date": format_datetime(now),
                "Content-Language": mail.locale.lower(),
                # RFC 3834: keeps "out of office" answers away.
                "Auto-Submitted": "auto-generated",
            },
        )

    def _link(self, mail: Mail, firm: Firm) -> str | None:
        link = mail.content.get("link")
        if link is None:
            return None
        return self._link_url(
            firm.id, firm.slug, link["purpose"], link["subject_id"], link["counter"]
        )


def _mailbox(address: str, name: str = "") -> Address:
    # Given in two parts, which is how the library takes letters outside ASCII.
    local, _, domain = address.rpartition("@")
    return Address(display_name=name, username=local, domain=domain)
