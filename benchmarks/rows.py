"""The data: a firm's rows, the same at every run, as the product would have written them.

Every derived column comes from the product's own functions. Values are what both databases take
as they are: moments as text, switches as 0 and 1, JSON as text.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import argon2
import orjson

from auth.sessions import hash_token
from benchmarks.names import CITIES, FIRST_NAMES, FORMS, LAST_NAMES, TAGS, TRADES
from models.folding import fold, search_text
from resolvers.firms import FIRST_NUMBER
from resolvers.names import name_key, suggest

PASSWORD = "seven benches in the old garden"
SESSIONS_OF_CLIENTS = 20
"""In each firm, at most."""
LEAST = 50
"""Accounts of a firm: a page."""

_BORN = datetime(2026, 1, 5, 8, tzinfo=UTC)
_CYCLE = 20
"""Of so many accounts in a row one is pending, and one is activated and has two more."""
_PENDING, _ACTIVATED = 7, 13

Row = tuple[Any, ...]

COLUMNS: dict[str, tuple[str, ...]] = {
    "firms": ("id", "name", "slug", "locale", "time_zone", "sign_up_enabled", "created_at"),
    "counters": ("firm_id", "id", "value"),
    "members": (
        *("firm_id", "id", "email", "email_key", "first_name", "last_name", "role"),
        *("permissions", "status", "locale", "password_hash", "created_at"),
    ),
    "tags": ("firm_id", "id", "name", "name_key", "color", "created_at"),
    "contacts": (
        *("firm_id", "id", "first_name", "last_name", "name", "email", "email_key", "address"),
        *("locale", "first_name_key", "last_name_key", "search_text", "created_at", "updated_at"),
    ),
    "accounts": (
        *("firm_id", "id", "number", "type", "status", "name", "name_key", "search_text"),
        *("company_name", "company_address", "created_via", "created_at", "updated_at"),
    ),
    "account_contacts": (
        *("firm_id", "id", "account_id", "contact_id", "login", "notify", "sync", "created_at"),
    ),
    "account_tags": ("firm_id", "id", "account_id", "tag_id"),
    "folders": ("firm_id", "id", "account_id", "name", "path", "path_key", "access"),
    "portal_users": (
        *("firm_id", "id", "email", "email_key", "first_name", "last_name", "locale"),
        *("password_hash", "created_at"),
    ),
    "invitations": (
        *("firm_id", "id", "account_contact_id", "email", "email_key", "state", "counter"),
        *("send_count", "delivery", "sent_by_id", "sent_at", "expires_at", "accepted_at"),
    ),
    "sessions": (
        *("firm_id", "id", "token_hash", "member_id", "portal_user_id", "created_at"),
        *("last_used_at", "expires_at"),
    ),
}
"""What is written of each table, parents first; the other columns are null."""


@dataclass(frozen=True)
class Dataset:
    """*firms* firms with *accounts* accounts each."""

    firms: int
    accounts: int

    @classmethod
    def parse(cls, text: str) -> Dataset:
        """`20x5000`. Raises ValueError for anything else."""
        firms, accounts = (int(part) for part in text.split("x"))
        if firms < 1 or accounts < LEAST:
            raise ValueError(f"at least one firm, with at least {LEAST} accounts")
        return cls(firms, accounts)

    def __str__(self) -> str:
        return f"{self.firms}x{self.accounts}"


@dataclass(frozen=True)
class Person:
    """A contact that was made."""

    id: str
    first: str
    last: str
    name: str
    email: str


@dataclass
class FirmRows:
    """A firm: its rows by table, its owner's token, and its clients' tokens with their users."""

    id: str
    slug: str
    owner_email: str
    token: str
    clients: list[tuple[str, str]] = field(default_factory=list)
    tables: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))

    def column(self, table: str, name: str) -> list[Any]:
        """The values of one column, in the order of the rows."""
        place = COLUMNS[table].index(name)
        return [row[place] for row in self.tables[table]]


def firm_rows(dataset: Dataset, number: int) -> FirmRows:
    """The firm with this number, from 0, whatever others there are."""
    return _Builder(dataset, number).build()


class _Builder:
    def __init__(self, dataset: Dataset, number: int) -> None:
        self._accounts = dataset.accounts
        self._pick = random.Random(f"{dataset} {number}")  # noqa: S311 - names, not secrets
        self._moment = _BORN + timedelta(hours=number)
        self._german = number % 2 == 0
        self._id = self._new("firm")
        slug = f"firm-{number}"
        self._made = FirmRows(self._id, slug, f"owner@{slug}.example", self._token("owner"))
        self._tables = self._made.tables
        self._places = itertools.count()

    def build(self) -> FirmRows:
        self._firm()
        colors = [self._tag(name, color) for name, color in TAGS]
        client: Person | None = None
        for place in range(self._accounts):
            state = place % _CYCLE
            first = self._person()
            # The client of an activated account is in the two that follow it as well.
            second = client if client and state in (_ACTIVATED + 1, _ACTIVATED + 2) else None
            shared = second is not None
            second = second or self._person(first.last)
            account = self._account(first, place, self._pick.sample(colors, 2))
            entry = self._entry(account, first, login=state in (_PENDING, _ACTIVATED) or state < 2)
            self._entry(account, second, login=shared)
            if state == _PENDING:
                self._invitation(entry, first, "PENDING")
            elif state == _ACTIVATED:
                client = first
                self._invitation(entry, first, "ACCEPTED")
                self._client(first)
        return self._made

    @property
    def _locale(self) -> str:
        return "DE" if self._german else "EN"

    def _tick(self) -> str:
        """The next moment: a millisecond after the last, as text."""
        self._moment += timedelta(milliseconds=1)
        return _text(self._moment)

    def _new(self, prefix: str) -> str:
        """An id as the product makes them, later than every one before."""
        self._moment += timedelta(milliseconds=1)
        milliseconds = int(self._moment.timestamp() * 1000)
        version, variant = 0x7000 | self._pick.getrandbits(12), 1 << 63 | self._pick.getrandbits(62)
        return f"{prefix}_{milliseconds:012x}{version:04x}{variant:016x}"

    def _token(self, whose: str) -> str:
        """A session's token as the product's, made from whose it is."""
        secret = hashlib.sha256(f"{self._id} {whose}".encode()).digest()
        text = base64.urlsafe_b64encode(secret).decode().rstrip("=")
        return f"{self._id.removeprefix('firm_')}.{text}"

    def _add(self, table: str, prefix: str, *values: Any) -> str:
        id = self._new(prefix)
        self._tables[table].append((self._id, id, *values))
        return id

    def _firm(self) -> None:
        made, now = self._made, self._tick()
        name = f"Kanzlei {made.slug}" if self._german else f"Advisers {made.slug}"
        zone = "Europe/Berlin" if self._german else "Europe/London"
        self._tables["firms"].append((made.id, name, made.slug, self._locale, zone, 0, now))
        last = FIRST_NUMBER - 1 + self._accounts
        self._tables["counters"].append((made.id, "accounts", last))
        first_name, last_name = self._pick.choice(FIRST_NAMES), self._pick.choice(LAST_NAMES)
        names = (made.owner_email, made.owner_email, first_name, last_name)
        rest = ("OWNER", "[]", "ACTIVE", self._locale, password_hash(), now)
        self._owner = self._add("members", "mem", *names, *rest)
        self._session(made.token, self._owner, None)

    def _session(self, token: str, member: str | None, user: str | None) -> None:
        now = _text(self._moment)
        later = _text(self._moment + timedelta(days=30))
        self._add("sessions", "sess", hash_token(token), member, user, now, now, later)

    def _tag(self, name: str, color: str) -> str:
        return self._add("tags", "tag", name, fold(name), color, self._tick())

    def _person(self, last: str | None = None) -> Person:
        first, last = self._pick.choice(FIRST_NAMES), last or self._pick.choice(LAST_NAMES)
        name = f"{first} {last}"
        mailbox = ".".join(_plain(part) for part in (first, last))
        email = f"{mailbox}.{next(self._places)}@{self._made.slug}.example"
        now = self._tick()
        address = _address(self._pick.choice(CITIES)) if self._pick.random() < 0.5 else None
        found_by = search_text([name, None, None, email, None])
        names = (first, last, name, email, email, address, None, _folded(first), _folded(last))
        id = self._add("contacts", "cont", *names, found_by, now, now)
        return Person(id, first, last, name, email)

    def _account(self, first: Person, place: int, tags: list[str]) -> str:
        number = f"M-{FIRST_NUMBER + place}"
        company = address = None
        kind = "OTHER" if place % 17 == 0 else "INDIVIDUAL"
        if place % 4 == 3:
            kind = "COMPANY"
            company = f"{self._pick.choice(TRADES)} {first.last} {self._pick.choice(FORMS)}"
            address = _address(self._pick.choice(CITIES))
        name = suggest(company or first.name)
        now = self._tick()
        found_by = search_text([name, company, number, None])
        about = (number, kind, "ACTIVE", name, name_key(name), found_by, company, address)
        id = self._add("accounts", "acct", *about, "MEMBER", now, now)
        folder = "Vom Mandanten hochgeladen" if self._german else "Client uploaded documents"
        self._add("folders", "fold", id, folder, folder, _folded(folder), "UPLOAD")
        for tag in tags:
            self._add("account_tags", "atag", id, tag)
        return id

    def _entry(self, account: str, contact: Person, *, login: bool) -> str:
        return self._add(
            "account_contacts", "acon", account, contact.id, int(login), 1, 1, self._tick()
        )

    def _invitation(self, entry: str, contact: Person, state: str) -> None:
        now, until = self._tick(), _text(self._moment + timedelta(days=14))
        accepted = now if state == "ACCEPTED" else None
        sent = (state, 1, 1, "SENT", self._owner, now, until, accepted)
        self._add("invitations", "inv", entry, contact.email, contact.email, *sent)

    def _client(self, contact: Person) -> None:
        names = (contact.email, contact.email, contact.first, contact.last)
        user = self._add(
            "portal_users", "pusr", *names, self._locale, password_hash(), self._tick()
        )
        if len(self._made.clients) < SESSIONS_OF_CLIENTS:
            token = self._token(user)
            self._made.clients.append((token, user))
            self._session(token, None, user)


def every_firm(dataset: Dataset, numbers: range) -> Iterator[FirmRows]:
    """The firms with these numbers."""
    return (firm_rows(dataset, number) for number in numbers)


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@cache
def _folded(text: str) -> str:
    return fold(text)


@cache
def _plain(name: str) -> str:
    """A name as it stands in an e-mail address."""
    return "".join(character for character in fold(name) if character.isascii())


@cache
def _address(city: str) -> str:
    lines = {"street": "Am Markt 1", "street2": None, "postal_code": None, "city": city}
    country = "GB" if city in ("London", "Leeds", "Bristol") else "DE"
    return orjson.dumps({**lines, "region": None, "country": country}).decode()


@cache
def password_hash() -> str:
    """What is kept of PASSWORD: the product's costs, and a salt that is the same at every run."""
    hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
    return hasher.hash(PASSWORD, salt=b"the benchmarks'.")
