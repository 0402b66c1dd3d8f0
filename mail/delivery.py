"""Where mails go: into a folder, or to an SMTP server."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
from copy import deepcopy
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Protocol
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import aiosmtplib

from mail.addresses import AddressInvalid, envelope_address, one_line

_TIMEOUT = 30.0
"""Seconds for each step of a conversation with a mail server."""

# RFC 4954, section 6: the server wants a sign-in (or a better one). That is the deployment's
# settings, not this mail's fault.
_SIGN_IN_CODES = frozenset({530, 534, 535, 538})
_LONGEST_REASON = 500


class Refused(Exception):
    """The mail will never be taken. *reason* is the server's; it may name the recipient."""

    def __init__(self, reason: str, code: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class Unreachable(Exception):
    """The mail could not be handed over now; later it may. *reason* as in `Refused`."""

    def __init__(self, reason: str, code: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class Transport(Protocol):
    """Hands over one mail, or raises Refused or Unreachable."""

    async def deliver(self, message: EmailMessage, *, recipient: str, mail_id: str) -> None: ...


def transport(url: str) -> Transport:
    """The transport for `MANDANT_MAIL_URL`.

    - `file:///folder`: each mail becomes `<mail_id>.eml` there.
    - `smtp://[user:password@]host[:port]`: STARTTLS is a must where there is a password or
      `?tls=required`. Otherwise it is used where the server offers it, and keeps out listeners
      alone: the certificate is checked only where `ca` names whom to trust.
    - `smtps://…`: TLS from the first byte.
    - `?ca=/path.pem`: trusts these certificates beside the system's.

    Raises ValueError for anything else, without repeating the address (it may hold a password).
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        if parts.netloc not in ("", "localhost") or not parts.path:
            raise ValueError("A folder for mails is written as file:///folder.")
        return Folder(Path(unquote(parts.path)))
    if parts.scheme in ("smtp", "smtps"):
        return _server(parts)
    raise ValueError("Mails go to smtp://…, smtps://… or file:///folder.")


def _server(parts: SplitResult) -> Server:
    try:
        port = parts.port
    except ValueError:
        raise ValueError("The mail server's port is not a number from 0 to 65535.") from None
    options = parse_qs(parts.query, keep_blank_values=True)
    if not parts.hostname or parts.path not in ("", "/") or parts.fragment:
        raise ValueError("A mail server is written as smtp://user:password@host:port.")
    if options.keys() - {"tls", "ca"} or options.get("tls", ["required"]) != ["required"]:
        raise ValueError("A mail server's address takes ?tls=required and ?ca=/path.pem.")
    username = None if parts.username is None else unquote(parts.username)
    implicit = parts.scheme == "smtps"
    must_encrypt = implicit or username is not None or "tls" in options
    context = ssl.create_default_context()
    if "ca" in options:
        try:
            context.load_verify_locations(cafile=options["ca"][-1])
        except OSError as error:
            raise ValueError(f"The certificates of ?ca= cannot be read: {error}.") from None
    elif not must_encrypt:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return Server(
        host=parts.hostname,
        port=port or (465 if implicit else 587 if username is not None else 25),
        username=username,
        password=unquote(parts.password or ""),
        implicit_tls=implicit,
        # None: where the server offers it.
        start_tls=False if implicit else must_encrypt or None,
        tls_context=context,
    )


@dataclass(frozen=True)
class Folder:
    """A file for each mail; the same mail again replaces its file."""

    path: Path

    async def deliver(self, message: EmailMessage, *, recipient: str, mail_id: str) -> None:
        """Writes `<mail_id>.eml`, whole or not at all, and on the disk when this returns."""
        try:
            await asyncio.to_thread(self._write, f"{mail_id}.eml", _readable(message))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise Unreachable(f"The folder for mails cannot be written to: {reason}.") from None

    def _write(self, name: str, content: bytes) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=self.path, prefix=".", suffix=".part", delete=False) as file:
            try:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(self.path / name)
            except BaseException:
                Path(file.name).unlink()
                raise
        folder = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _readable(message: EmailMessage) -> bytes:
    """The message with its texts as they are, so that a person can read the file."""
    copy = deepcopy(message)
    for part in copy.walk():
        if part.get_content_maintype() == "text":
            flowed = part.get_param("format")
            part.set_content(
                part.get_content(),
                subtype=part.get_content_subtype(),
                cte="8bit",
                params={"format": str(flowed)} if flowed else None,
            )
    return copy.as_bytes(policy=message.policy.clone(cte_type="8bit"))


@dataclass(frozen=True, kw_only=True)
class Server:
    """An SMTP server; a connection for each mail."""

    host: str
    port: int
    username: str | None = None
    password: str = field(default="", repr=False)
    implicit_tls: bool = False
    start_tls: bool | None = None
    tls_context: ssl.SSLContext = field(repr=False)

    async def deliver(self, message: EmailMessage, *, recipient: str, mail_id: str) -> None:
        """Returns when the server has taken the mail."""
        try:
            address = envelope_address(recipient)
        except AddressInvalid as error:
            raise Refused(str(error)) from None
        client = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.username,
            password=self.password if self.username is not None else None,
            use_tls=self.implicit_tls,
            start_tls=self.start_tls,
            tls_context=self.tls_context,
            local_hostname=await asyncio.to_thread(_own_name),
            timeout=_TIMEOUT,
        )
        try:
            await _connect(client)
            await _send(client, message, address)
            # The mail is out: whatever happens now must not send it again.
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=5)
        finally:
            client.close()


@cache
def _own_name() -> str:
    """What this machine calls itself. Asked once: a slow name server would hold up each mail."""
    return socket.getfqdn()


async def _connect(client: aiosmtplib.SMTP) -> None:
    """Connects, encrypts and signs in. Whatever fails here may work later."""
    try:
        await client.connect()
    except aiosmtplib.SMTPAuthenticationError as error:
        # What the server says about a sign-in is not repeated: it may quote it.
        raise Unreachable(
            f"The mail server refused the sign-in ({error.code}).", error.code
        ) from None
    except aiosmtplib.SMTPResponseException as error:
        raise Unreachable(_said(error.code, error.message), error.code) from None
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        raise Unreachable(f"No connection to the mail server: {type(error).__name__}.") from None


async def _send(client: aiosmtplib.SMTP, message: EmailMessage, recipient: str) -> None:
    sender = message["From"].addresses[0].addr_spec
    options = [] if recipient.isascii() else ["SMTPUTF8", "BODY=8BITMIME"]
    try:
        await client.sendmail(sender, [recipient], message.as_bytes(), mail_options=options)
    except aiosmtplib.SMTPRecipientsRefused as error:
        [refusal] = error.recipients
        raise _by_code(refusal.code, refusal.message) from None
    except aiosmtplib.SMTPResponseException as error:
        raise _by_code(error.code, error.message) from None
    except aiosmtplib.SMTPNotSupported:
        raise Refused("The mail server cannot write to an address with such letters.") from None
    except (aiosmtplib.SMTPException, OSError) as error:
        raise Unreachable(f"The mail server broke off: {type(error).__name__}.") from None


def _by_code(code: int, said: str) -> Refused | Unreachable:
    permanent = 500 <= code < 600 and code not in _SIGN_IN_CODES
    return (Refused if permanent else Unreachable)(_said(code, said), code)


def _said(code: int, said: str) -> str:
    return f"{code} {one_line(said)}"[:_LONGEST_REASON]
