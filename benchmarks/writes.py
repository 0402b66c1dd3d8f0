"""`writes`: createAccount with a contact and an invitation, beside the same rows by hand."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import asyncpg
import click
import httpx2

from benchmarks import agreement, figures, rounds
from benchmarks.contenders.contender import Contender, Request, one_line
from benchmarks.contenders.floor import Floor
from benchmarks.contenders.mandant import Mandant
from benchmarks.databases import Filled, Kind, prepare
from benchmarks.load import ANOTHER
from benchmarks.names import FIRST_NAMES, LAST_NAMES
from benchmarks.rounds import Contest, Plan
from benchmarks.rows import Dataset, firm_rows
from benchmarks.servers import Server, serving
from benchmarks.table import render
from models import Base

_DATASET = Dataset(20, 250)
_PEOPLE = 200
_DOCUMENT = one_line("""
    mutation Create($input: CreateAccountInput!) {
      createAccount(input: $input) {
        account { id number name } errors { path code message }
      }
    }
""")


def writes(kinds: Sequence[Kind], plan: Plan, *, markdown: bool) -> None:
    """Prints Mandant's ratios to the floor. The databases are made afresh each time.

    The mails stay in the outbox: the floor sends none, and a deployment's other process may.
    """
    with ExitStack() as stack:
        contests: list[Contest] = []
        for kind in kinds:
            filled = prepare(kind, _DATASET, purpose="writes", afresh=True)
            servers = [
                stack.enter_context(serving(contender, filled, MANDANT_MAIL_WORKER="off"))
                for contender in (Mandant(), Floor())
            ]
            ours, theirs = (written(server) for server in servers)
            if ours != theirs:
                raise agreement.Disagreement(f"Not the same rows are written: {ours}, {theirs}")
            click.echo(f"On {kind} both write {sum(ours.values())} rows.", err=True)
            requests = {server.name: list(_requests(server.contender)) for server in servers}
            contests.append(Contest.between(kind, "createAccount", servers, requests))
        found = rounds.run(contests, plan)
    path = figures.save("writes", found)
    click.echo(render(rounds.HEAD, rounds.compared(found, Mandant.name), markdown=markdown))
    click.echo(f"The raw figures: {path}", err=True)


def _requests(contender: Contender) -> Iterator[Request]:
    pick = random.Random("writes")  # noqa: S311 - names, not secrets
    firms = [firm_rows(_DATASET, number) for number in range(_DATASET.firms)]
    for number in range(_PEOPLE):
        token = firms[number % len(firms)].token
        first, last = pick.choice(FIRST_NAMES), pick.choice(LAST_NAMES)
        email = f"client.{ANOTHER}@clients.example"
        yield _request(contender, token, first, last, email)


def _request(contender: Contender, token: str, first: str, last: str, email: str) -> Request:
    if isinstance(contender, Floor):
        given = {"first_name": first, "last_name": last, "email": email}
        return Request.of(token, {"operation": "create", "given": given})
    new = {"firstName": first, "lastName": last, "email": email}
    entry = {"contact": {"new": new}, "login": True, "invite": {}}
    variables = {"input": {"type": "INDIVIDUAL", "contacts": [entry]}}
    return Request.of(token, {"query": _DOCUMENT, "variables": variables})


def written(server: Server) -> dict[str, int]:
    """How many rows one request adds to each table."""
    before = _counts(server.filled)
    token = firm_rows(server.filled.dataset, 0).token
    with httpx2.Client(timeout=60) as http:
        request = _request(server.contender, token, "Ada", "Beispiel", "ada@clients.example")
        agreement.post(http, server.address, request)
    after = _counts(server.filled)
    return {table: after[table] - before[table] for table in after if after[table] != before[table]}


def _counts(filled: Filled) -> dict[str, int]:
    tables = sorted(Base.metadata.tables)
    parts = ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)
    if filled.kind == "sqlite":
        connection = sqlite3.connect(filled.file)
        row = connection.execute(f"SELECT {parts}").fetchone()
        connection.close()
    else:
        row = asyncio.run(_row(filled.dsn, f"SELECT {parts}"))
    return dict(zip(tables, row, strict=True))


async def _row(dsn: str, sql: str) -> Sequence[int]:
    connection = await asyncpg.connect(dsn)
    try:
        return tuple(await connection.fetchrow(sql))
    finally:
        await connection.close()
