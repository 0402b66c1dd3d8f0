"""`python -m tests`: everything that has to hold before a change lands.

Style, types, the direction of imports, and all tests on SQLite and on PostgreSQL (among them
that the committed schema is the code's). What stands behind goes to pytest: `python -m tests -x`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
TOOLS = Path(sys.executable).parent
PROCESSES = str((os.cpu_count() or 1) + 1)

CHECKS = {
    "Format": ["ruff", "format", "--check", "."],
    "Style": ["ruff", "check", "."],
    "Types": ["pyright"],
    "Direction of imports": ["lint-imports"],
    # A file's tests together, in one process more than there are cores: each waits for its
    # databases and servers at times. Last, so that its last line is ours.
    "Tests": ["pytest", "-q", "-n", PROCESSES, "--dist", "loadfile", *sys.argv[1:]],
}


def main() -> int:
    """Runs the checks one after the other; the first that fails ends it."""
    began = time.monotonic()
    for number, (name, command) in enumerate(CHECKS.items(), start=1):
        passed = time.monotonic() - began
        print(f"\n=== {number}/{len(CHECKS)} {name} (after {passed:.0f} s) ===", flush=True)
        code = subprocess.run([TOOLS / command[0], *command[1:]], cwd=ROOT, check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
