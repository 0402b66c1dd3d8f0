from __future__ import annotations

from pathlib import Path

from graphql import build_schema

from tests.command_line.conftest import Run

COMMITTED = Path(__file__).parents[2] / "schema.graphql"


def test_the_printed_schema_is_the_committed_one(run: Run, tmp_path: Path) -> None:
    ended = run("schema")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == COMMITTED.read_text(), "Run `mandant schema > schema.graphql`."
    assert build_schema(ended.stdout).mutation_type
    # It needs no settings and makes nothing.
    assert list(tmp_path.iterdir()) == []


def test_help_names_every_command(run: Run, tmp_path: Path) -> None:
    ended = run("--help")
    assert ended.returncode == 0
    for command in ("demo", "doctor", "firm", "migrate", "schema", "serve"):
        assert f"\n  {command} " in ended.stdout
        assert run(command, "--help").returncode == 0
    assert run("--version").stdout.startswith("mandant, version ")
    assert list(tmp_path.iterdir()) == []
