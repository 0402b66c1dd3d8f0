"""`signins`: how long small reads take while many people sign in at once."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import click
import httpx2

from benchmarks import agreement, figures
from benchmarks.cases import cases
from benchmarks.contenders.contender import Request, one_line
from benchmarks.contenders.mandant import Mandant
from benchmarks.databases import Kind, prepare, refresh
from benchmarks.figures import Figure, ratios
from benchmarks.load import Measured, measure, parse, start, warm_up, write_requests
from benchmarks.rows import PASSWORD, Dataset, firm_rows
from benchmarks.servers import Server, serving
from benchmarks.table import render

AT_ONCE = 32
_ALONE, _MEANWHILE, _SIGN_INS = "reads alone", "reads meanwhile", "sign-ins"
_AROUND = 1
"""Seconds that the sign-ins begin before the reads, and end after them."""
_DOCUMENT = one_line("""
    mutation SignIn($input: SignInInput!) {
      signIn(input: $input) { token errors { path code message } }
    }
""")


def sign_ins(
    dataset: Dataset,
    kinds: Sequence[Kind],
    connections: int,
    rounds: int,
    seconds: int,
    *,
    markdown: bool,
) -> None:
    """Prints the reads' percentiles alone and while 32 sign-ins are under way all the time."""
    found: list[Figure] = []
    head = ("database", "p50 alone", "p50 meanwhile", "p99 alone", "p99 meanwhile", "p99 ratio")
    rows: list[list[str]] = []
    for kind in kinds:
        filled = prepare(kind, dataset)
        with serving(Mandant(), filled) as server:
            mine = list(_rounds(server, connections, rounds, seconds))
        found += mine
        alone, meanwhile, signing = (
            [figure for figure in mine if figure.operation == operation]
            for operation in (_ALONE, _MEANWHILE, _SIGN_INS)
        )
        times = [
            f"{sorted(value(each.measured) for each in of)[len(of) // 2]:.2f} ms"
            for value in (lambda measured: measured.p50, lambda measured: measured.p99)
            for of in (alone, meanwhile)
        ]
        ratio = ratios(meanwhile, alone, lambda measured: measured.p99)
        rows.append([kind, *times, str(ratio)])
        rate = sum(each.measured.rate for each in signing) / len(signing)
        click.echo(f"{kind}: {rate:.0f} sign-ins a second meanwhile.", err=True)
    path = figures.save("signins", found, dataset=str(dataset), at_once=AT_ONCE)
    click.echo(render(head, rows, markdown=markdown))
    click.echo(f"The raw figures: {path}", err=True)


def _rounds(server: Server, connections: int, rounds: int, seconds: int) -> Iterator[Figure]:
    dataset, kind = server.filled.dataset, server.filled.kind
    small = [server.contender.request(case, server.address) for case in cases(dataset)["small"]]
    reads = write_requests(f"signins-{kind}-reads", small)
    people = list(_people(dataset))
    with httpx2.Client(timeout=60) as http:
        if not agreement.post(http, server.address, people[0])["signIn"]["token"]:
            raise agreement.Disagreement("nobody can sign in")
    signing = write_requests(f"signins-{kind}", people)
    for round_ in range(1, rounds + 1):
        # What wrk breaks off in the end counts as a failed try, and would be held against us.
        refresh(server.filled)
        warm_up(server.address, reads, connections=connections)
        server.settle()
        alone = measure(server.address, reads, connections=connections, seconds=seconds)
        flood = start(server.address, signing, connections=AT_ONCE, seconds=seconds + 2 * _AROUND)
        time.sleep(_AROUND)
        meanwhile = measure(server.address, reads, connections=connections, seconds=seconds)
        flooded = parse(flood.communicate()[0])
        server.settle()

        def figure(operation: str, measured: Measured, many: int, number: int = round_) -> Figure:
            return Figure(kind, operation, many, server.name, number, measured)

        yield figure(_ALONE, alone, connections)
        yield figure(_MEANWHILE, meanwhile, connections)
        yield figure(_SIGN_INS, flooded, AT_ONCE)


def _people(dataset: Dataset) -> Iterator[Request]:
    """Sign-ins of members and clients, no two alike: a person's tries are limited."""
    firms = [firm_rows(dataset, number) for number in range(min(dataset.firms, 20))]
    emails = [
        (firm.slug, email)
        for place in range(20)
        for firm in firms
        for email in [firm.owner_email, *firm.column("portal_users", "email")][place : place + 1]
    ]
    for slug, email in emails:
        given = {"firm": slug, "email": email, "password": PASSWORD}
        yield Request.of("", {"query": _DOCUMENT, "variables": {"input": given}})
