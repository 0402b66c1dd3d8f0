"""Settings: environment variables, each with a default that does for trying out."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import quote, urlsplit

from sqlalchemy.exc import ArgumentError

from mail.delivery import transport
from tenancy.database import UnsupportedDatabase, driver_url

VAR = Path("var")
"""Where what is made at the first start is kept: the database, the keys, the mails."""


class Profile(StrEnum):
    """What the API lets anybody know of itself."""

    PUBLIC = "public"
    """Introspection and queries by GET are answered."""
    LOCKED = "locked"
    """Neither is, and there is no playground: for clients that know the schema."""


class BadSetting(ValueError):
    """A setting that nothing can be started with; the text says which, and what would do."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a deployment is told. Nothing but this module reads the environment."""

    database_url: str
    secret_keys: tuple[str, ...]
    base_url: str
    mail_url: str
    mail_from: str
    read_pool: int
    write_pool: int
    mail_worker: bool
    trusted_proxies: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    receive_seconds: int = 15
    trusted_documents: Path | None = None
    profile: Profile = Profile.PUBLIC
    playground: bool = True

    @property
    def https(self) -> bool:
        """Whether people reach the deployment by HTTPS."""
        return self.base_url.startswith("https://")

    @property
    def origin(self) -> str:
        """The origin that the deployment's own pages have."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that the deployment answers for, beside the names of its own machine."""
        return (_host(self.base_url), *self.allowed_hosts)


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings from *environment* (the process's own by default).

    Raises BadSetting. Where no keys are given, they are made once and kept in `./var`.
    """
    given = os.environ if environment is None else environment
    base_url = given.get("MANDANT_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
    mail_from = given.get("MANDANT_MAIL_FROM", f"portal@{_host(base_url)}")
    if not re.fullmatch(r"[^\s@]+@[^\s@]+", mail_from):
        raise BadSetting("MANDANT_MAIL_FROM is the e-mail address that mails are sent from.")
    profile = _profile(given.get("MANDANT_PROFILE", Profile.PUBLIC))
    return Settings(
        database_url=_database(
            given.get(
                "MANDANT_DATABASE_URL", f"sqlite+aiosqlite:///{(VAR / 'mandant.db').absolute()}"
            )
        ),
        secret_keys=_keys(given.get("MANDANT_SECRET_KEYS")),
        base_url=base_url,
        mail_url=_way_out(
            given.get("MANDANT_MAIL_URL", f"file://{quote(str((VAR / 'mail').absolute()))}")
        ),
        mail_from=mail_from,
        read_pool=_number(given, "MANDANT_READ_CONNECTIONS", 6),
        write_pool=_number(given, "MANDANT_WRITE_CONNECTIONS", 10),
        mail_worker=_switch(given, "MANDANT_MAIL_WORKER", default=True),
        trusted_proxies=_networks(given.get("MANDANT_TRUSTED_PROXIES", "")),
        allowed_hosts=_hosts(given.get("MANDANT_ALLOWED_HOSTS", "")),
        receive_seconds=_number(given, "MANDANT_RECEIVE_SECONDS", 15),
        trusted_documents=_file(given, "MANDANT_TRUSTED_DOCUMENTS"),
        profile=profile,
        playground=_playground(given, profile),
    )


def _hosts(text: str) -> tuple[str, ...]:
    """The hosts in *text*, separated by commas or white space, in small letters."""
    hosts = tuple(text.replace(",", " ").lower().split())
    for host in hosts:
        if not re.fullmatch(r"\*|(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*|[0-9a-f]*:[0-9a-f:.]+", host):
            raise BadSetting(
                "MANDANT_ALLOWED_HOSTS holds hosts without scheme and port, separated by commas: "
                "portal.example.com, *.example.com for all below a domain, * for any."
            )
    return hosts


def _profile(text: str) -> Profile:
    try:
        return Profile(text.lower())
    except ValueError:
        raise BadSetting("MANDANT_PROFILE is `public` or `locked`.") from None


def _playground(given: Mapping[str, str], profile: Profile) -> bool:
    closed = profile is Profile.LOCKED or bool(given.get("MANDANT_TRUSTED_DOCUMENTS"))
    on = _switch(given, "MANDANT_PLAYGROUND", default=not closed)
    if on and closed:
        raise BadSetting(
            "MANDANT_PLAYGROUND=on goes neither with MANDANT_PROFILE=locked nor with "
            "MANDANT_TRUSTED_DOCUMENTS: the playground asks for the schema, and for what people "
            "type. Leave it out."
        )
    return on


def _networks(text: str) -> tuple[str, ...]:
    """The addresses and networks in *text*, separated by commas or white space."""
    try:
        return tuple(str(ip_network(part)) for part in text.replace(",", " ").split())
    except ValueError:
        raise BadSetting(
            "MANDANT_TRUSTED_PROXIES holds addresses or networks such as 10.0.0.5 or 10.0.0.0/24, "
            "separated by commas."
        ) from None


def _host(base_url: str) -> str:
    """The host of the deployment's address."""
    parts = urlsplit(base_url)
    try:
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment or "@" in parts.netloc:
        raise BadSetting("MANDANT_BASE_URL is an address such as https://portal.example.com.")
    assert parts.hostname is not None
    return parts.hostname


def _database(url: str) -> str:
    # What is wrong with an address is told without repeating it: it may hold a password.
    try:
        driver_url(url)
    except UnsupportedDatabase as error:
        raise BadSetting(f"MANDANT_DATABASE_URL: {error}") from None
    except (ArgumentError, ValueError):
        raise BadSetting(
            "MANDANT_DATABASE_URL is an address such as sqlite+aiosqlite:///./var/mandant.db or "
            "postgresql+asyncpg://user:password@host/database."
        ) from None
    return url


def _way_out(url: str) -> str:
    try:
        transport(url)
    except ValueError as error:
        raise BadSetting(f"MANDANT_MAIL_URL: {error}") from None
    return url


def _keys(text: str | None) -> tuple[str, ...]:
    """The secret keys, newest first; separated by commas or white space."""
    if text is None:
        return (_kept_key(),)
    keys = tuple(text.replace(",", " ").split())
    if not keys or any(len(key) < 32 for key in keys):
        raise BadSetting(
            "MANDANT_SECRET_KEYS holds keys of 32 characters or more, the newest first, "
            "separated by commas."
        )
    return keys


def _kept_key() -> str:
    path = VAR / "secret.key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        VAR.mkdir(mode=0o700, exist_ok=True)
    key = secrets.token_urlsafe(48)
    draft = VAR / f"secret.key.{os.getpid()}"
    draft.touch(mode=0o600)
    draft.write_text(key + "\n")
    try:
        # Of two processes that start at once, the first one's key holds for both.
        os.link(draft, path)
    except FileExistsError:
        return path.read_text().strip()
    finally:
        draft.unlink()
    return key


def _number(given: Mapping[str, str], name: str, default: int) -> int:
    text = given.get(name, str(default))
    if not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise BadSetting(f"{name} is a number from 1 to 1000.")
    return int(text)


def _file(given: Mapping[str, str], name: str) -> Path | None:
    text = given.get(name)
    if not text:
        return None
    path = Path(text)
    if not path.is_file():
        raise BadSetting(f"{name}: there is no file {path}.")
    return path


def _switch(given: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = given.get(name, "on" if default else "off").lower()
    if text not in ("on", "off"):
        raise BadSetting(f"{name} is `on` or `off`.")
    return text == "on"
