"""Trees of folders, from the paths that people write: `Steuern/2026` is a folder in a folder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypedDict

from models.enums import FolderAccess
from models.folding import fold
from resolvers.names import file_name
from resolvers.refusal import ErrorCode, Place, Problems

MOST_FOLDERS = 200
DEEPEST = 10
# Windows opens paths of 260 characters, and what the tree stands in takes some of them.
LONGEST_PATH = 200
# Bytes; letters that fold into many are rare, and an index takes keys of 2,700.
_LONGEST_KEY = 2000


class FolderDraft(TypedDict):
    path: str
    access: FolderAccess


@dataclass(frozen=True)
class TreeFolder:
    """A folder in a tree. *key* is its place among the account's folders, parents first."""

    path: str
    key: str
    access: FolderAccess

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def parent_key(self) -> str:
        """The key of the folder around; empty for a folder at the top."""
        return self.key.rpartition("\x01")[0]


@dataclass(frozen=True)
class _Given:
    """A path as it was given, at its place in the input."""

    place: Place
    names: list[str]
    access: FolderAccess

    @property
    def key(self) -> str:
        return path_key(self.names)

    @property
    def top(self) -> str:
        return path_key(self.names[:1])


def path_key(names: Iterable[str]) -> str:
    """What a path is told apart and sorted by, whatever its case and accents.

    The separator sorts before every letter, so that a folder is followed by what is in it.
    """
    return "\x01".join(fold(name) for name in names)


def tree(problems: Problems, place: Place, drafts: Sequence[FolderDraft]) -> list[TreeFolder]:
    """The folders of *drafts* and those that lead to them, parents first.

    A folder has the access of the one at the top. What is wrong goes to *problems*, at *place*.
    """
    if not drafts:
        problems.add(place, ErrorCode.REQUIRED, "A template needs at least one folder.")
    if len(drafts) > MOST_FOLDERS:
        _too_many(problems, place)
        return []
    given: dict[str, _Given] = {}
    for position, draft in enumerate(drafts):
        here: Place = (*place, position)
        names = _names(problems, (*here, "path"), draft["path"])
        if not names:
            continue
        one = _Given(here, names, draft["access"])
        if one.key in given:
            problems.add((*here, "path"), ErrorCode.CONFLICT, "This folder is given twice.")
        else:
            given[one.key] = one
    access = _accesses(problems, given)
    folders: dict[str, TreeFolder] = {}
    # The shorter paths first: a folder that is given by itself says how it is spelled.
    for one in sorted(given.values(), key=lambda one: len(one.names)):
        path, key = "", ""
        for depth, name in enumerate(one.names, start=1):
            key = path_key(one.names[:depth])
            path = folders[key].path if key in folders else f"{path}/{name}" if path else name
            folders.setdefault(key, TreeFolder(path, key, access[one.top]))
    if len(folders) > MOST_FOLDERS:
        _too_many(problems, place)
    return sorted(folders.values(), key=lambda folder: folder.key)


def _too_many(problems: Problems, place: Place) -> None:
    problems.add(
        place,
        ErrorCode.LIMIT_REACHED,
        "A template has at most {most} folders, those that lead to others included.",
        most=MOST_FOLDERS,
    )


def _names(problems: Problems, place: Place, path: str) -> list[str] | None:
    """The names in *path*, from the top down; None where it was refused."""
    if len(path) > LONGEST_PATH:
        problems.add(
            place,
            ErrorCode.TOO_LONG,
            "At most {most} characters fit in here.",
            most=LONGEST_PATH,
        )
        return None
    parts = path.strip().split("/")
    if not all(part.strip() for part in parts):
        problems.add(
            place,
            ErrorCode.INVALID if path.strip() else ErrorCode.REQUIRED,
            "A path is the folders' names joined by a slash, such as {example}.",
            example="Steuern/2026",
        )
        return None
    if len(parts) > DEEPEST:
        problems.add(
            place,
            ErrorCode.LIMIT_REACHED,
            "Folders stand in one another at most {most} deep.",
            most=DEEPEST,
        )
        return None
    names = [file_name(problems, place, part) for part in parts]
    found = [name for name in names if name is not None]
    if len(found) < len(names):
        return None
    if len(path_key(found).encode()) > _LONGEST_KEY:
        problems.add(
            place,
            ErrorCode.TOO_LONG,
            "At most {most} characters fit in here.",
            most=LONGEST_PATH,
        )
        return None
    return found


def _accesses(problems: Problems, given: dict[str, _Given]) -> dict[str, FolderAccess]:
    """The access of each folder at the top, by its key.

    It is what the folder itself was given. One that was not given by itself has that of the
    folders below it, which have to be at one about it.
    """
    found: dict[str, FolderAccess] = {}
    for one in sorted(given.values(), key=lambda one: (one.key != one.top, one.place)):
        if one.top not in found:
            found[one.top] = one.access
        elif one.access is not found[one.top] and not (
            # What is left out comes as PRIVATE, and nobody has to repeat what the top says.
            one.access is FolderAccess.PRIVATE and one.top in given
        ):
            problems.add(
                (*one.place, "access"),
                ErrorCode.INVALID,
                "Folders have the access of the folder at the top, “{top}”. Give it there alone.",
                top=one.names[0],
            )
    return found
