"""The operator's table of settings is the code's, with the same defaults."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from server.settings import read_settings
from tests.documentation.conftest import ROOT

ROW = re.compile(r"^\| `(MANDANT_\w+)` \| (.+?) \|", re.MULTILINE)
NAME = re.compile(r"\bMANDANT_[A-Z_]+\b")


class Asked(dict[str, str]):
    """An environment in which nothing is set, and which remembers what was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, name: str, default: str | None = None) -> str | None:  # pyright: ignore
        self.names.add(name)
        return default


def table() -> dict[str, str]:
    return dict(ROW.findall((ROOT / "docs/operations.md").read_text()))


def test_the_table_names_every_setting_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = Asked()
    read_settings(asked)
    assert table().keys() == asked.names


def test_the_defaults_in_the_table_are_what_leaving_them_out_means(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    keys = {"MANDANT_SECRET_KEYS": "k" * 32}
    shown = {
        name: default.strip("`").replace("./var", str(tmp_path / "var"))
        for name, default in table().items()
        if default.startswith("`")
    }
    assert read_settings(keys | shown) == read_settings(keys)


def test_no_setting_is_named_that_does_not_exist(tracked: list[Path]) -> None:
    ours = {"MANDANT_TEST_POSTGRES", "MANDANT_TEST_OPERATIONS", "MANDANT_BENCH_POSTGRES"}
    known = table().keys() | ours
    for path in tracked:
        if path.suffix in (".md", ".py", ".toml") and "tests" not in path.parts:
            for name in NAME.findall(path.read_text()):
                assert name in known, f"{path}: {name}"
