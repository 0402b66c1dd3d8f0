"""Names that become folders: accounts', companies' and folders' names must do on every disk.

The rule is Windows' (Microsoft, "Naming Files, Paths, and Namespaces"), the strictest
of the systems that people keep their clients' files on.
"""

from __future__ import annotations

import re

from models.folding import fold
from resolvers.refusal import ErrorCode, Place, Problems
from resolvers.texts import NAME_LENGTH, clean, invisible, tidy

FORBIDDEN = ':"/\\|?*<>'
_RESERVED = re.compile(r"(CON|PRN|AUX|NUL|(COM|LPT)[0-9¹²³])( *\..*)?", re.IGNORECASE)
_FALLBACK = "Client"


def suggest(text: str) -> str:
    """A name that would do, as close to *text* as can be."""
    plain = " ".join(tidy(text).split())
    seen = "".join(c for c in plain if c not in '"?*' and not invisible(c))
    safe = re.sub(r"[/\\|<>]", "-", re.sub(r"\s*:\s*", " - ", seen)).lstrip("- ")
    safe = " ".join(safe.split())[:NAME_LENGTH].rstrip(".- ") or _FALLBACK
    if _RESERVED.fullmatch(safe):
        stem, dot, rest = safe.partition(".")
        safe = f"{stem.rstrip()}_{dot}{rest}"[:NAME_LENGTH].rstrip(".- ")
    return safe


def file_name(problems: Problems, place: Place, text: str | None) -> str | None:
    """*text* as a name that can be a folder's; None for nothing or for a refused one."""
    name = tidy(text or "")
    if not name:
        return None
    found = [*(c for c in FORBIDDEN if c in name), *invisible(name)]
    if found:
        problems.add(
            place,
            ErrorCode.FORBIDDEN_CHARACTERS,
            "A name cannot hold {characters}. “{suggestion}” would do.",
            characters=" ".join(found),
            suggestion=suggest(name),
        )
    elif name.endswith("."):
        problems.add(
            place,
            ErrorCode.FORBIDDEN_CHARACTERS,
            "A name cannot end with a dot (.). “{suggestion}” would do.",
            suggestion=suggest(name),
        )
    elif _RESERVED.fullmatch(name):
        problems.add(
            place,
            ErrorCode.FORBIDDEN_CHARACTERS,
            "{name} is a name that Windows keeps for itself. “{suggestion}” would do.",
            name=name,
            suggestion=suggest(name),
        )
    else:
        return clean(problems, place, name)
    return None


def name_key(name: str) -> str:
    """What a list of names is ordered by."""
    return fold(name)
