"""The page on the API says of every mutation what comes of sending it twice."""

from __future__ import annotations

import re
from pathlib import Path

from graphql import build_schema

ROOT = Path(__file__).parents[2]


def test_every_mutation_stands_in_one_row() -> None:
    page = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    section = page.partition("## Doing it once")[2].partition("\n## ")[0]
    rows = [row.split("|")[2] for row in section.splitlines() if row.startswith("| ")]
    told = re.findall(r"`(\w+)`", re.sub(r"\(.*?\)", "", " ".join(rows)))
    mutation = build_schema((ROOT / "schema.graphql").read_text(encoding="utf-8")).mutation_type
    assert mutation is not None
    assert sorted(told) == sorted(mutation.fields)
