"""`scale`: whether a million accounts are as quick as ten thousand."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack

import click

from benchmarks import agreement, figures, rounds
from benchmarks.cases import cases
from benchmarks.contenders.mandant import Mandant
from benchmarks.databases import Kind, prepare
from benchmarks.explain import explain
from benchmarks.load import write_requests
from benchmarks.rounds import Contest, Plan
from benchmarks.rows import Dataset
from benchmarks.servers import serving
from benchmarks.table import render


def scale(
    large: Dataset,
    small: Dataset,
    kinds: Sequence[Kind],
    operations: Sequence[str],
    plan: Plan,
    *,
    markdown: bool,
) -> None:
    """Mandant on *large* beside Mandant on *small*; prints the ratios, and keeps the plans."""
    contender = Mandant()
    names = {dataset: f"{contender.name} {dataset}" for dataset in (large, small)}
    with ExitStack() as stack:
        contests: list[Contest] = []
        for kind in kinds:
            servers = {}
            for dataset in (large, small):
                filled = prepare(kind, dataset)
                if kind == "postgresql":
                    click.echo(f"Plans: {asyncio.run(explain(filled))}", err=True)
                servers[dataset] = stack.enter_context(serving(contender, filled))
                agreement.check([servers[dataset]], cases(dataset), each=5)
            for operation in operations:
                entrants = []
                for dataset, server in servers.items():
                    asked = cases(dataset)[operation]
                    requests = [contender.request(case, server.address) for case in asked]
                    path = write_requests(f"scale-{kind}-{operation}-{dataset}", requests)
                    entrants.append((names[dataset], server, path))
                contests.append(Contest(kind, operation, entrants))
        found = rounds.run(contests, plan)
    path = figures.save("scale", found, large=str(large), small=str(small))
    rows = rounds.compared(found, names[large])
    click.echo(render(rounds.HEAD, rows, markdown=markdown))
    click.echo(f"The raw figures: {path}", err=True)
