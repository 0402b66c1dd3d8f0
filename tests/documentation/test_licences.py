"""What is installed with Mandant may be used in any product, closed ones included."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata

from tests.documentation.conftest import ROOT

PERMISSIVE = re.compile(
    r"\b(MIT|MIT-0|BSD|BSD-[23]-Clause|Apache|Apache-2\.0|ISC|PSF-2\.0|Unlicense)\b"
)
COPYLEFT = re.compile(r"\b(A?GPL|LGPL|GNU|MPL|Mozilla|EPL|EUPL|CDDL|OSL|SSPL)", re.IGNORECASE)
KNOWN = {
    "orjson": "the one file under MPL-2.0 is used as it is",
    "hypothesis": "MPL-2.0, runs in the tests alone",
}


def licence(found: PackageMetadata) -> str:
    """What a package says of its licence, in whichever of the three places it says it."""
    if expression := found.get("License-Expression"):
        return expression
    classifiers = [c for c in found.get_all("Classifier") or () if c.startswith("License ::")]
    # Where the whole text stands, its first lines name it.
    return " ".join(classifiers) or (found.get("License") or "")[:200]


def test_every_locked_package_has_a_permissive_licence() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    wrong: list[str] = []
    looked_at = 0
    for package in lock["package"]:
        name = package["name"]
        try:
            says = licence(metadata(name))
        except PackageNotFoundError:
            continue  # Locked for another platform.
        looked_at += 1
        permissive = PERMISSIVE.search(says) or "Permission is hereby granted" in says
        if name not in KNOWN and (COPYLEFT.search(says) or not permissive):
            wrong.append(f"{name}: {says or 'says nothing'}")
    assert not wrong
    assert looked_at > 50
