"""Every contender that Python runs answers alike, and writes the same rows, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from benchmarks import agreement, places
from benchmarks.cases import OPERATIONS, cases
from benchmarks.contenders.floor import Floor
from benchmarks.contenders.mandant import Mandant
from benchmarks.contenders.strawberry import Strawberry
from benchmarks.databases import Filled, Kind, fill, refresh
from benchmarks.rows import Dataset, firm_rows
from benchmarks.servers import Server, serving
from benchmarks.writes import written
from resolvers.texts import parse_email

DATASET = Dataset(2, 120)


class Forgetful(Floor):
    """Somebody who is quick because things are left out."""

    name = "Forgetful"

    def answer(self, operation: str, data: dict[str, Any]) -> Any:
        return {**data, "name": None} if operation == "small" else data


@pytest.fixture
def servers(
    kind: Kind, migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[Server]]:
    monkeypatch.setattr(places, "VAR", tmp_path)
    filled = Filled(kind, DATASET, migrated_url)
    fill(filled)
    refresh(filled)
    with ExitStack() as stack:
        yield [
            stack.enter_context(serving(contender, filled, MANDANT_MAIL_WORKER="off"))
            for contender in (Mandant(), Strawberry(), Floor())
        ]


def test_all_answer_alike_and_write_the_same(servers: list[Server]) -> None:
    asked = cases(DATASET)
    count = sum(len(of_it[:6]) for of_it in asked.values())
    assert agreement.check(servers, asked, each=6) == count
    assert any(case.after for case in asked["page"][:6])

    floor = servers[-1]
    forgetful = Server(Forgetful(), floor.filled, floor.port, floor.process)
    with pytest.raises(agreement.Disagreement, match="small"):
        agreement.check([floor, forgetful], asked, each=1)

    mandant, _, floor = servers
    assert written(mandant) == written(floor)
    assert floor.peak > 20 * 2**20


def test_the_rows_are_the_same_at_every_run_and_as_the_product_keeps_them() -> None:
    firm = firm_rows(DATASET, 1)
    assert firm.tables == firm_rows(DATASET, 1).tables
    assert firm.tables["accounts"] != firm_rows(DATASET, 0).tables["accounts"]
    for email in firm.column("contacts", "email"):
        assert parse_email(email).key == email
    assert set(cases(DATASET)) == set(OPERATIONS)
