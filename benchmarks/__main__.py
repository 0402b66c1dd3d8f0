"""`python -m benchmarks`: what is measured, and how it is asked for. See the README beside it."""

from __future__ import annotations

import sys
from typing import Any

import click

from benchmarks import comparison
from benchmarks import pages as paging
from benchmarks import scale as scaling
from benchmarks import signins as signing
from benchmarks import writes as writing
from benchmarks.cases import OPERATIONS
from benchmarks.comparison import CONTENDERS
from benchmarks.databases import KINDS, Kind
from benchmarks.databases import prepare as prepare_database
from benchmarks.places import needed
from benchmarks.rounds import Plan
from benchmarks.rows import Dataset


class _DatasetType(click.ParamType[Dataset]):
    name = "FIRMSxACCOUNTS"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Dataset:
        if isinstance(value, Dataset):
            return value
        try:
            return Dataset.parse(value)
        except ValueError as error:
            self.fail(f"{value!r} is not like 20x5000 ({error}).", param, ctx)


DATASET = _DatasetType()


def _on(*default: Kind) -> Any:
    return click.option(
        "--database",
        "kinds",
        type=click.Choice(KINDS),
        multiple=True,
        default=default,
        show_default=True,
        help="On which; may be repeated.",
    )


_databases = _on(*KINDS)
_operations = click.option(
    "--operation",
    "operations",
    type=click.Choice(list(OPERATIONS)),
    multiple=True,
    default=list(OPERATIONS),
    help="Which; may be repeated. All.",
)
_seconds = click.option(
    "--seconds", type=click.IntRange(1, 600), default=2, show_default=True, help="A measurement."
)
_markdown = click.option("--markdown", is_flag=True, help="The table for a page.")
_quick = click.option("--quick", is_flag=True, help="To see that it runs: the figures say little.")


def _rounds(default: int) -> Any:
    return click.option("--rounds", type=click.IntRange(1, 100), default=default, show_default=True)


def _connections(*default: int) -> Any:
    return click.option(
        "--connections",
        type=click.IntRange(1, 256),
        multiple=True,
        default=default,
        show_default=True,
        help="How many at once; may be repeated.",
    )


@click.group()
def main() -> None:
    """Measure Mandant beside what one would use instead. Without a command: compare."""
    needed("wrk")


@main.command()
@click.option("--data", type=DATASET, default="20x5000", show_default=True)
@_databases
@click.option(
    "--contender",
    "contenders",
    type=click.Choice(list(CONTENDERS)),
    multiple=True,
    default=list(CONTENDERS),
    help="Beside Mandant; may be repeated. All.",
)
@_operations
@_connections(1, 8, 32)
@_rounds(3)
@_seconds
@_quick
@_markdown
def compare(
    data: Dataset,
    kinds: tuple[Kind, ...],
    contenders: tuple[str, ...],
    operations: tuple[str, ...],
    connections: tuple[int, ...],
    rounds: int,
    seconds: int,
    quick: bool,
    markdown: bool,
) -> None:
    """Requests a second, p50, p99 and memory, beside every other contender."""
    plan = Plan((1,), 1, 1) if quick else Plan(connections, rounds, seconds)
    comparison.compare(
        Dataset(20, 250) if quick else data,
        kinds,
        contenders,
        operations,
        plan,
        markdown=markdown,
    )


@main.command()
@click.option("--large", type=DATASET, default="10000x100", show_default=True)
@click.option("--small", type=DATASET, default="100x100", show_default=True)
@_on("postgresql")
@_operations
@_connections(1)
@_rounds(5)
@_seconds
@_markdown
def scale(
    large: Dataset,
    small: Dataset,
    kinds: tuple[Kind, ...],
    operations: tuple[str, ...],
    connections: tuple[int, ...],
    rounds: int,
    seconds: int,
    markdown: bool,
) -> None:
    """Mandant on a million accounts beside Mandant on ten thousand, and the statements' plans."""
    plan = Plan(connections, rounds, seconds)
    scaling.scale(large, small, kinds, operations, plan, markdown=markdown)


@main.command()
@_databases
@_connections(1, 8)
@_rounds(5)
@_seconds
@_markdown
def writes(
    kinds: tuple[Kind, ...],
    connections: tuple[int, ...],
    rounds: int,
    seconds: int,
    markdown: bool,
) -> None:
    """createAccount with a contact and an invitation, beside the same rows by hand."""
    writing.writes(kinds, Plan(connections, rounds, seconds), markdown=markdown)


@main.command()
@click.option("--data", type=DATASET, default="20x5000", show_default=True)
@_databases
@click.option("--connections", type=click.IntRange(1, 256), default=8, show_default=True)
@_rounds(5)
@click.option("--seconds", type=click.IntRange(1, 600), default=5, show_default=True)
@_markdown
def signins(
    data: Dataset,
    kinds: tuple[Kind, ...],
    connections: int,
    rounds: int,
    seconds: int,
    markdown: bool,
) -> None:
    """Small reads alone, and while 32 people sign in at any moment."""
    signing.sign_ins(data, kinds, connections, rounds, seconds, markdown=markdown)


@main.command()
@click.option("--data", type=DATASET, default="20x5000", show_default=True)
@_databases
@_connections(1, 8)
@_rounds(5)
@_seconds
@_markdown
def pages(
    data: Dataset,
    kinds: tuple[Kind, ...],
    connections: tuple[int, ...],
    rounds: int,
    seconds: int,
    markdown: bool,
) -> None:
    """The portal's pages, beside an empty page by Starlette."""
    paging.pages(data, kinds, Plan(connections, rounds, seconds), markdown=markdown)


@main.command()
@click.argument("data", type=DATASET, nargs=-1, required=True)
@_databases
def prepare(data: tuple[Dataset, ...], kinds: tuple[Kind, ...]) -> None:
    """Only fill databases, such as 20x5000 or 10000x100."""
    for dataset in data:
        for kind in kinds:
            click.echo(prepare_database(kind, dataset).url)


def run() -> None:
    """The command line; what begins with an option, or is empty, is for `compare`."""
    arguments = sys.argv[1:]
    if arguments[:1] != ["--help"] and (not arguments or arguments[0].startswith("-")):
        arguments.insert(0, "compare")
    main(arguments, prog_name="python -m benchmarks")


if __name__ == "__main__":
    run()
