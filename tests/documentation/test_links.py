"""Every relative link in the documentation leads to a file, and to a heading in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.documentation.conftest import ROOT, name_of, pages

LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
# A file named in prose: `planner/draft.py`, `docs/api.md`.
FILE = re.compile(r"`([a-z_]+(?:/[\w.-]+)+\.(?:py|md|toml|po|j2|mjs))`")


def anchor(heading: str) -> str:
    """The fragment that a heading gets, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_links_resolve(page: Path) -> None:
    text = FENCED.sub("", page.read_text())
    for link in LINK.findall(text):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, fragment = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), f"{link} leads nowhere"
        if fragment:
            anchors = {anchor(heading) for heading in HEADING.findall(target.read_text())}
            assert fragment in anchors, f"{link}: there is no such heading"


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_files_that_are_named_exist(page: Path) -> None:
    for name in FILE.findall(page.read_text()):
        assert (ROOT / name).exists(), f"{name} is named and does not exist"
