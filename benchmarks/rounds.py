"""Rounds: everybody in turn, again and again, so that a slow minute is everybody's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from benchmarks.figures import Figure, ratios
from benchmarks.load import Line, measure, warm_up, write_requests
from benchmarks.servers import Server


@dataclass(frozen=True)
class Plan:
    """How long and how often; *seconds* is for one measurement, beside a second of warming up."""

    connections: Sequence[int]
    rounds: int
    seconds: int

    def minutes(self, contests: int) -> float:
        """About how long so many pairs of contender and operation take."""
        each = self.seconds + 2
        return contests * len(self.connections) * self.rounds * each / 60


@dataclass(frozen=True)
class Contest:
    """One operation on one database, by these contenders."""

    database: str
    operation: str
    entrants: Sequence[tuple[str, Server, Path]]
    """Each: by what name, where, and with which requests."""

    @classmethod
    def between(
        cls,
        database: str,
        operation: str,
        servers: Sequence[Server],
        requests: Mapping[str, Sequence[Line]],
    ) -> Contest:
        """Of *servers* under their contenders' names; *requests* by the same."""
        return cls(
            database,
            operation,
            [
                (
                    server.name,
                    server,
                    write_requests(f"{database}-{operation}-{server.name}", requests[server.name]),
                )
                for server in servers
            ],
        )


def run(contests: Sequence[Contest], plan: Plan) -> list[Figure]:
    """Measures all of them in every round; who begins changes from round to round."""
    figures: list[Figure] = []
    for round_ in range(plan.rounds):
        click.echo(f"Round {round_ + 1} of {plan.rounds} …", err=True)
        for contest in contests:
            for connections in plan.connections:
                figures += _once(contest, connections, round_, plan.seconds)
    return figures


def _once(contest: Contest, connections: int, round_: int, seconds: int) -> Iterator[Figure]:
    first = round_ % len(contest.entrants)
    for name, server, requests in [*contest.entrants[first:], *contest.entrants[:first]]:
        warm_up(server.address, requests, connections=connections)
        server.settle()
        measured = measure(server.address, requests, connections=connections, seconds=seconds)
        server.settle()
        yield Figure(contest.database, contest.operation, connections, name, round_ + 1, measured)


HEAD = (
    *("database", "operation", "connections", "beside", "requests/s", "theirs"),
    *("ratio", "p50 ratio", "p99 ratio"),
)


def compared(figures: Sequence[Figure], ours: str) -> list[list[str]]:
    """A row for each contest, number of connections and other contender: *ours* beside theirs."""
    found: dict[tuple[str, str, int], dict[str, list[Figure]]] = {}
    for figure in figures:
        key = (figure.database, figure.operation, figure.connections)
        found.setdefault(key, {}).setdefault(figure.contender, []).append(figure)
    rows: list[list[str]] = []
    for (database, operation, connections), by_name in found.items():
        mine = by_name[ours]
        for name, theirs in by_name.items():
            if name != ours:
                rates = [
                    f"{sorted(each.measured.rate for each in of)[len(of) // 2]:.0f}"
                    for of in (mine, theirs)
                ]
                rows.append(
                    [
                        *(database, operation, str(connections), name, *rates),
                        str(ratios(mine, theirs, lambda measured: measured.rate)),
                        str(ratios(mine, theirs, lambda measured: measured.p50)),
                        str(ratios(mine, theirs, lambda measured: measured.p99)),
                    ]
                )
    return rows
