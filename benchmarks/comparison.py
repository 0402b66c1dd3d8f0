"""`compare`: Mandant beside what one would use instead, on the same rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack

import click

from benchmarks import agreement, figures, rounds
from benchmarks.cases import cases
from benchmarks.contenders.contender import Contender
from benchmarks.contenders.floor import Floor
from benchmarks.contenders.mandant import Mandant
from benchmarks.contenders.postgraphile import PostGraphile
from benchmarks.contenders.strawberry import Strawberry
from benchmarks.databases import Kind, prepare
from benchmarks.rounds import Contest, Plan
from benchmarks.rows import Dataset
from benchmarks.servers import Server, serving
from benchmarks.table import render

CONTENDERS: dict[str, Contender] = {
    contender.name.lower(): contender
    for contender in (Mandant(), PostGraphile(), Strawberry(), Floor())
}
_CHECKED = 20
"""Cases of each operation that everybody has to answer alike before anything is measured."""


def compare(
    dataset: Dataset,
    kinds: Sequence[Kind],
    names: Sequence[str],
    operations: Sequence[str],
    plan: Plan,
    *,
    markdown: bool,
) -> None:
    """Prepares, checks and measures; prints the table of ratios."""
    chosen = [CONTENDERS[name] for name in CONTENDERS if name in {*names, "mandant"}]
    for contender in chosen:
        contender.prepare()
    asked = {operation: cases(dataset)[operation] for operation in operations}
    with ExitStack() as stack:
        contests: list[Contest] = []
        servers: list[Server] = []
        for kind in kinds:
            filled = prepare(kind, dataset)
            entrants = [
                stack.enter_context(serving(contender, filled))
                for contender in chosen
                if kind in contender.kinds
            ]
            count = agreement.check(entrants, asked, each=_CHECKED)
            click.echo(f"On {kind} all answer {count} questions alike.", err=True)
            servers += entrants
            for operation, of_it in asked.items():
                requests = {
                    server.name: [server.contender.request(case, server.address) for case in of_it]
                    for server in entrants
                }
                contests.append(Contest.between(kind, operation, entrants, requests))
        minutes = plan.minutes(sum(len(contest.entrants) for contest in contests))
        click.echo(f"Measuring takes about {minutes:.0f} minutes.", err=True)
        found = rounds.run(contests, plan)
    peaks = [
        {"database": server.filled.kind, "contender": server.name, "bytes": server.peak}
        for server in servers
    ]
    path = figures.save("compare", found, dataset=str(dataset), memory=peaks)
    rows = [*rounds.compared(found, Mandant.name), *_memory(servers)]
    click.echo(render(rounds.HEAD, rows, markdown=markdown))
    click.echo(f"The raw figures: {path}", err=True)


def _memory(servers: Sequence[Server]) -> list[list[str]]:
    """A row for each other contender: the peaks in MiB, and their ratio."""
    of_kind: dict[str, dict[str, int]] = defaultdict(dict)
    for server in servers:
        of_kind[server.filled.kind][server.name] = server.peak
    rows: list[list[str]] = []
    for kind, peaks in of_kind.items():
        ours = peaks.pop(Mandant.name)
        for name, theirs in peaks.items():
            sizes = [f"{size / 2**20:.0f} MiB" for size in (ours, theirs)]
            rows.append([kind, "peak memory", "", name, *sizes, f"{ours / theirs:.2f}", "", ""])
    return rows
