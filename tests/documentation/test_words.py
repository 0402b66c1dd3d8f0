"""The repository speaks of the product: not of the machine it was written on, nor of who wrote it."""

from __future__ import annotations

import re
from pathlib import Path

FOREIGN = re.compile(
    r"(?<![\w.])/(?:work|home/\w+|root|Users)/"
    r"|\bissues? #?\d"
    r"|\b(?:chat)?gpt\b|\bclaude\b|\banthropic\b|\bopenai\b|\bcopilot\b|\bLLMs?\b"
    r"|\b(?:ai|machine)[- ]generated\b|\blanguage model\b|\bco-authored-by\b"
    r"|\bas (?:you|the brief|the user) (?:asked|requested)\b"
    r"|\b(?:TODO|FIXME|XXX|HACK)\b",
    re.IGNORECASE,
)
# Others' words: names and addresses of packages, and what was bundled from them.
NOT_OURS = {"uv.lock", "package-lock.json", "graphiql.min.js", "graphiql.min.css"}
PICTURES = {".png", ".webp"}


def test_no_file_speaks_of_anything_but_the_product(tracked: list[Path]) -> None:
    found: list[str] = []
    for path in tracked:
        if path == Path(__file__) or path.name in NOT_OURS or path.suffix in PICTURES:
            continue
        text = path.read_text(errors="replace")
        found += [f"{path.name}: {match[0]}" for match in FOREIGN.finditer(text)]
    assert not found
