"""`pages`: how long the portal's pages take, beside an empty page by the same server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

import click
import httpx2

from auth.links import Link, Links, Purpose
from benchmarks import agreement, figures, rounds
from benchmarks.contenders.contender import line
from benchmarks.contenders.empty import Empty
from benchmarks.contenders.mandant import SECRET, Mandant
from benchmarks.databases import Kind, prepare, renew_invitations
from benchmarks.figures import Figure, ratios
from benchmarks.rounds import Contest, Plan
from benchmarks.rows import Dataset, FirmRows, firm_rows
from benchmarks.servers import Server, serving
from benchmarks.table import render
from server.visits import COOKIE

PAGES = {
    "sign-in": "where one signs in",
    "activate": "where a link from an invitation leads",
    "accounts": "the accounts that are open to a client",
    "account": "one of them",
    "sessions": "a client's sessions",
}
HEAD = (
    *("page", "database", "connections", "requests/s"),
    *("p50", "p99", "empty p50", "more", "p50 ratio"),
)
_FIRMS = 20
_EACH = 5
"""Links and clients of each firm."""
_CHECKED = 20
"""Of each page so many are looked at before anything is measured."""


@dataclass(frozen=True)
class Page:
    """A page, and whose browser asks for it: an empty token is nobody's.

    *shows* is what stands on it, and on none that may come in its place.
    """

    path: str
    token: str = ""
    shows: str = ""

    @property
    def headers(self) -> dict[str, str]:
        return {"Accept": "text/html"} | (
            {"Cookie": f"{COOKIE}={self.token}"} if self.token else {}
        )

    @property
    def line(self) -> bytes:
        """As `load.lua` reads it."""
        return line("GET", self.path, self.headers)


def pages(dataset: Dataset, kinds: Sequence[Kind], plan: Plan, *, markdown: bool) -> None:
    """Prints each page's times beside an empty page's; *more* is what is ours of the p50."""
    with ExitStack() as stack:
        contests: list[Contest] = []
        for kind in kinds:
            filled = prepare(kind, dataset)
            renew_invitations(filled)
            servers = [
                stack.enter_context(serving(contender, filled))
                for contender in (Mandant(), Empty())
            ]
            asked = _asked(dataset, servers[0])
            for name in PAGES:
                requests = {server.name: asked[name] for server in servers}
                contests.append(Contest.between(kind, name, servers, requests))
        found = rounds.run(contests, plan)
    path = figures.save("pages", found, dataset=str(dataset))
    click.echo(render(HEAD, list(_rows(found)), markdown=markdown))
    click.echo(f"The raw figures: {path}", err=True)


def _asked(dataset: Dataset, server: Server) -> dict[str, list[Page]]:
    """The requests for every page. Raises Disagreement where one is not answered by its page."""
    asked: dict[str, list[Page]] = {name: [] for name in PAGES}
    firms = [firm_rows(dataset, number) for number in range(min(dataset.firms, _FIRMS))]
    with httpx2.Client(base_url=server.address, timeout=60) as http:
        for firm in firms:
            for name, page in _of_firm(firm):
                asked[name].append(page)
        for name, of_it in asked.items():
            for page in of_it[:_CHECKED]:
                answer = http.get(page.path, headers=page.headers)
                if answer.status_code != httpx2.codes.OK or page.shows not in answer.text:
                    raise agreement.Disagreement(f"{name}: {page.path}\n{answer.text[:2000]}")
    return asked


def _of_firm(firm: FirmRows) -> Iterator[tuple[str, Page]]:
    portal = f"/p/{firm.slug}"
    yield "sign-in", Page(f"{portal}/sign-in", shows='name="email"')
    signing = Links([SECRET])
    waiting = [
        id
        for id, state in zip(
            firm.column("invitations", "id"), firm.column("invitations", "state"), strict=True
        )
        if state == "PENDING"
    ]
    for id in waiting[:_EACH]:
        token = signing.sign(Link(Purpose.INVITATION, firm.id, id, 1))
        yield "activate", Page(f"{portal}/activate?token={token}", shows='name="password"')
    accounts = _accounts_of_clients(firm)
    for token, user in firm.clients[:_EACH]:
        account = accounts[user]
        yield "accounts", Page(f"{portal}/accounts", token, shows=account)
        yield "account", Page(f"{portal}/accounts/{account}", token, shows='aria-current="page"')
        yield "sessions", Page(f"{portal}/sessions", token, shows=f"{portal}/sign-out")


def _accounts_of_clients(firm: FirmRows) -> dict[str, str]:
    """An account that is open to each portal user, by the user's id."""
    contacts = dict(
        zip(firm.column("contacts", "email"), firm.column("contacts", "id"), strict=True)
    )
    entered = {
        contact: account
        for contact, account, login in zip(
            firm.column("account_contacts", "contact_id"),
            firm.column("account_contacts", "account_id"),
            firm.column("account_contacts", "login"),
            strict=True,
        )
        if login
    }
    return {
        user: entered[contacts[email]]
        for user, email in zip(
            firm.column("portal_users", "id"), firm.column("portal_users", "email"), strict=True
        )
    }


def _rows(found: Sequence[Figure]) -> Iterator[list[str]]:
    contests = dict.fromkeys((each.operation, each.database, each.connections) for each in found)
    for operation, database, connections in contests:
        ours, theirs = (
            [
                each
                for each in found
                if (each.operation, each.database, each.connections)
                == (operation, database, connections)
                and each.contender == name
            ]
            for name in (Mandant.name, Empty.name)
        )
        mine, empty = (median(each.measured.p50 for each in of) for of in (ours, theirs))
        yield [
            operation,
            database,
            str(connections),
            f"{median(each.measured.rate for each in ours):.0f}",
            f"{mine:.2f} ms",
            f"{median(each.measured.p99 for each in ours):.2f} ms",
            f"{empty:.2f} ms",
            f"{mine - empty:.2f} ms",
            str(ratios(ours, theirs, lambda measured: measured.p50)),
        ]
