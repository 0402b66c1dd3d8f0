"""The repository's own texts, and the schema that they speak of."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from graphql import GraphQLSchema

from schema.build import build_schema, graphql_schema

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def schema() -> GraphQLSchema:
    return graphql_schema(build_schema())


@pytest.fixture(scope="session")
def tracked() -> list[Path]:
    """Every file of the repository, committed or about to be."""
    listed = subprocess.run(
        [
            "git",
            "-c",
            "safe.directory=*",
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return [path for path in paths if path.is_file()]


def pages() -> list[Path]:
    """The README, the changelog and everything in docs/."""
    return [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))
