"""The tour in the README, pasted block by block into one shell."""

from __future__ import annotations

import json
import re
import subprocess
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from tests.tour.conftest import Started

README = Path(__file__).parents[2] / "README.md"
BLOCK = re.compile(r"^```(bash|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
END_OF_BLOCK = "----- end of block -----"


def agrees(shown: Any, found: Any) -> bool:
    """Whether *found* is what the README shows; `…` there stands for any text."""
    if isinstance(shown, dict) and isinstance(found, dict):
        return shown.keys() == found.keys() and all(agrees(shown[k], found[k]) for k in shown)
    if isinstance(shown, list) and isinstance(found, list):
        return len(shown) == len(found) and all(map(agrees, shown, found))
    if isinstance(shown, str) and isinstance(found, str):
        return fnmatchcase(found, shown.replace("…", "*"))
    return shown == found


def test_every_step_of_the_tour_answers_what_the_readme_shows(started: Started) -> None:
    tour = README.read_text().partition("## A tour")[2].partition("\n## ")[0]
    steps: list[tuple[str, str | None]] = []
    for language, text in BLOCK.findall(tour):
        if language == "bash":
            steps.append((text, None))
        else:
            steps[-1] = (steps[-1][0], text)
    assert sum(shown is not None for _, shown in steps) >= 9

    pasted = "".join(f"{commands}\necho '{END_OF_BLOCK}'\n" for commands, _ in steps)
    ran = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", pasted],
        cwd=started.folder,
        env=started.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    printed = ran.stdout.split(END_OF_BLOCK)
    for (commands, shown), output in zip(steps, printed, strict=False):
        if shown is not None:
            assert agrees(json.loads(shown), json.loads(output)), commands + output
