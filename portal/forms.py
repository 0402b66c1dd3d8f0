"""Forms: what a page's form sends back is read strictly, and only from pages of ours."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from auth.forms import Forms

COOKIE = "__Host-mandant-form"
"""Holds a random nonce, the same for all forms of one browser."""
PLAIN_COOKIE = "mandant-form"
"""The same where the address is no https, and browsers would keep the other one back."""
FIELD = "form_token"
"""The hidden field with the nonce's signature."""
MAX_BODY = 16_384  # Bytes.
MAX_FIELDS = 10

_NONCE = re.compile(r"[A-Za-z0-9_-]{43}")
_CONTENT_TYPE = "application/x-www-form-urlencoded"


class FormRefused(Exception):
    """A form that is not looked at; *status* is the answer's."""

    def __init__(self, status: int) -> None:
        super().__init__(f"form refused with {status}")
        self.status = status


def nonce_of(request: Request, *, https: bool) -> str | None:
    """The browser's nonce; None where it has none that looks like ours."""
    nonce = request.cookies.get(COOKIE if https else PLAIN_COOKIE, "")
    return nonce if _NONCE.fullmatch(nonce) else None


def new_nonce() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def nonce_cookie(nonce: str, *, https: bool) -> tuple[str, str]:
    """The header that gives a browser its nonce, until it is closed.

    Lax, because a form may be open while a link in a mail opens the next one.
    """
    name, secure = (COOKIE, "; Secure") if https else (PLAIN_COOKIE, "")
    return ("Set-Cookie", f"{name}={nonce}; Path=/{secure}; HttpOnly; SameSite=Lax")


async def read_form(request: Request, forms: Forms, *, origin: str) -> Mapping[str, str]:
    """The form's fields, the last of each name.

    Raises FormRefused: 403 for a form that did not come from a page of ours, 415 for another
    content type, 413 for more than MAX_BODY bytes, 400 for what cannot be read.
    """
    _refuse_cross_site(request, origin)
    declared, _, _ = request.headers.get("content-type", "").partition(";")
    if declared.strip().lower() != _CONTENT_TYPE:
        raise FormRefused(415)
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise FormRefused(415)
    fields = await _fields(request)
    nonce = nonce_of(request, https=origin.startswith("https:"))
    if nonce is None or not forms.verify(nonce, fields.pop(FIELD, "")):
        raise FormRefused(403)
    return fields


def _refuse_cross_site(request: Request, origin: str) -> None:
    """Fetch Metadata decides where the browser sends it, else the Origin.

    `Origin: null` is what a browser without Fetch Metadata sends from our own pages, because
    they ask for no referrer; the form's token decides there, as it does where nothing is sent.
    """
    sites = request.headers.getlist("sec-fetch-site")
    origins = request.headers.getlist("origin")
    if sites:
        allowed = sites in (["same-origin"], ["none"])
    else:
        allowed = not origins or origins in ([origin], ["null"])
    if not allowed:
        raise FormRefused(403)


async def _fields(request: Request) -> dict[str, str]:
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or len(declared) > 9 or int(declared) > MAX_BODY:
        raise FormRefused(413)
    read = 0

    async def receive() -> Message:
        nonlocal read
        message = await request.receive()
        read += len(message.get("body", b""))
        if read > MAX_BODY:
            raise FormRefused(413)
        return message

    try:
        form = await Request(request.scope, receive).form(
            max_files=0, max_fields=MAX_FIELDS, max_part_size=MAX_BODY
        )
    except HTTPException as error:
        raise FormRefused(error.status_code) from None
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    # No field of a form holds it, and PostgreSQL takes it in no text.
    if any("\0" in value for value in fields.values()):
        raise FormRefused(400)
    return fields
