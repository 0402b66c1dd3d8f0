"""Where things are: the folder, what is made at run time, and the programs that are needed."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import click

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent
VAR = FOLDER / "var"
"""What runs make: SQLite files, logs, requests, figures. Ignored by git."""
POSTGRAPHILE = FOLDER / "postgraphile"
MANDANT = Path(sys.executable).with_name("mandant")

_DEBIAN = {"wrk": "wrk", "npm": "npm"}


def needed(program: str) -> str:
    """The path of *program*. Raises ClickException, which says what to install."""
    found = shutil.which(program)
    if found is None:
        raise click.ClickException(
            f"The benchmarks need `{program}`. On Debian and Ubuntu: "
            f"apt-get install {_DEBIAN[program]}"
        )
    return found


def var(*parts: str) -> Path:
    """A path in VAR, whose folder is there."""
    path = VAR.joinpath(*parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
