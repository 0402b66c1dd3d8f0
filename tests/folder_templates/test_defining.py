"""Templates: what may stand in one, and that a firm has one default at most."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from models.enums import FolderAccess, Permission
from resolvers.folder_trees import DEEPEST, LONGEST_PATH, MOST_FOLDERS, FolderDraft, tree
from resolvers.refusal import Problems
from tests.deployments import Deployed, Firm
from tests.folder_templates.conftest import (
    CREATE,
    DELETE,
    TEMPLATES,
    UPDATE,
    folder,
    shown,
    template,
)


async def test_a_template_is_shown_by_path_with_what_leads_to_its_folders(firm: Firm) -> None:
    made = await template(
        firm.owner,
        folder("Steuern", "VIEW"),
        folder("Steuern/2026/Belege"),
        folder("Uploads", "UPLOAD"),
        folder("Anlagen/ Verträge "),
        folder("Steuern alt"),
    )
    assert shown(made["folders"]) == [
        ("Anlagen", "PRIVATE"),
        ("Anlagen/Verträge", "PRIVATE"),
        ("Steuern", "VIEW"),
        ("Steuern/2026", "VIEW"),
        ("Steuern/2026/Belege", "VIEW"),
        ("Steuern alt", "PRIVATE"),
        ("Uploads", "UPLOAD"),
    ]
    assert (await firm.owner.ask(TEMPLATES)).data["folderTemplates"] == [made]
    node = await firm.owner.ask(
        "query ($id: ID!) { node(id: $id) { ... on FolderTemplate { name } } }", id=made["id"]
    )
    assert node.data["node"] == {"name": "Usual"}


async def test_a_folder_that_only_leads_to_others_has_their_access(firm: Firm) -> None:
    made = await template(
        firm.owner, folder("Steuern/2026", "VIEW"), folder("steuern/2027", "VIEW")
    )
    assert shown(made["folders"]) == [
        ("Steuern", "VIEW"),
        ("Steuern/2026", "VIEW"),
        ("Steuern/2027", "VIEW"),
    ]


async def test_nothing_becomes_visible_because_its_neighbour_is(firm: Firm) -> None:
    given = {"name": "x", "folders": [folder("A/shown", "VIEW"), folder("A/kept")]}
    refused = await firm.owner.ask(CREATE, input=given)
    assert refused.refusals() == [("folders.1.access", "INVALID")]
    given = {"name": "x", "folders": [folder("A"), folder("A/shown", "VIEW")]}
    refused = await firm.owner.ask(CREATE, input=given)
    assert refused.refusals() == [("folders.1.access", "INVALID")]


BAD_PATHS = [
    ("", "REQUIRED"),
    ("  ", "REQUIRED"),
    ("/", "INVALID"),
    ("/Steuern", "INVALID"),
    ("Steuern/", "INVALID"),
    ("Steuern//2026", "INVALID"),
    ("Steuern/ /2026", "INVALID"),
    ("Steuern\\2026", "FORBIDDEN_CHARACTERS"),
    ("Steuern/CON", "FORBIDDEN_CHARACTERS"),
    ("..", "FORBIDDEN_CHARACTERS"),
    ("Steuern/../2026", "FORBIDDEN_CHARACTERS"),
    ("Steuern./2026", "FORBIDDEN_CHARACTERS"),
    ("Was?", "FORBIDDEN_CHARACTERS"),
    ("a\u202eb", "FORBIDDEN_CHARACTERS"),
    ("a\x01b", "FORBIDDEN_CHARACTERS"),
    ("/".join("a" * (DEEPEST + 1)), "LIMIT_REACHED"),
    ("x" * (LONGEST_PATH + 1), "TOO_LONG"),
    ("\ufdfa" * LONGEST_PATH, "TOO_LONG"),
]


async def test_a_path_that_does_not_do_on_every_disk_is_refused(firm: Firm) -> None:
    for path, code in BAD_PATHS:
        given = {"name": "x", "folders": [folder("Good"), folder(path)]}
        refused = await firm.owner.ask(CREATE, input=given)
        assert refused.refusals() == [("folders.1.path", code)], path
    assert (await firm.owner.ask(TEMPLATES)).data["folderTemplates"] == []


async def test_everything_wrong_is_said_at_once(firm: Firm) -> None:
    await template(firm.owner, folder("A"), name="Häuser")
    given = {
        "name": "hauser",
        "folders": [folder("A"), folder("ä"), folder("B/c"), folder("B/C", "VIEW"), folder("d:")],
    }
    assert sorted((await firm.owner.ask(CREATE, input=given)).refusals()) == [
        ("folders.1.path", "CONFLICT"),
        ("folders.3.path", "CONFLICT"),
        ("folders.4.path", "FORBIDDEN_CHARACTERS"),
        ("name", "TAKEN"),
    ]
    given = {"name": " ", "folders": []}
    assert (await firm.owner.ask(CREATE, input=given)).refusals() == [
        ("name", "REQUIRED"),
        ("folders", "REQUIRED"),
    ]


async def test_a_template_has_a_bounded_number_of_folders(firm: Firm) -> None:
    wide = [folder(f"{number}") for number in range(MOST_FOLDERS)]
    assert len((await template(firm.owner, *wide))["folders"]) == MOST_FOLDERS
    deep = [folder(f"{number}/a") for number in range(MOST_FOLDERS // 2 + 1)]
    for folders in ([*wide, folder("one more")], deep):
        refused = await firm.owner.ask(CREATE, input={"name": "x", "folders": folders})
        assert refused.refusals() == [("folders", "LIMIT_REACHED")]


async def test_a_firm_has_one_default_at_most(deployed: Deployed) -> None:
    firm, other = await deployed.firm(), await deployed.firm()
    theirs = await template(other.owner, folder("Theirs"), isDefault=True)
    first = await template(firm.owner, folder("A"), name="first", isDefault=True)
    second = await template(firm.owner, folder("A"), name="second", isDefault=True)

    async def defaults() -> list[str]:
        found = (await firm.owner.ask(TEMPLATES)).data["folderTemplates"]
        return [row["name"] for row in found if row["isDefault"]]

    assert await defaults() == ["second"]
    change = {"name": "First", "folders": [folder("B")]}
    for wanted, after in ((True, ["First"]), ("left out", ["First"]), (None, []), (False, [])):
        given = change if wanted == "left out" else {**change, "isDefault": wanted}
        await firm.owner.ask(UPDATE, id=first["id"], input=given)
        assert await defaults() == after
    both = await asyncio.gather(
        *(
            firm.owner.ask(UPDATE, id=row["id"], input={**change, "name": name, "isDefault": True})
            for row, name in ((first, "one"), (second, "two"))
        )
    )
    assert [answer.payload()["errors"] for answer in both] == [[], []]
    assert len(await defaults()) == 1
    assert (await other.owner.ask(TEMPLATES)).data["folderTemplates"] == [theirs]


async def test_a_template_is_changed_as_a_whole_and_deleted(firm: Firm) -> None:
    made = await template(firm.owner, folder("A"), folder("B/c", "VIEW"))
    changed = await firm.owner.ask(
        UPDATE, id=made["id"], input={"name": "usual", "folders": [folder("b", "UPLOAD")]}
    )
    assert shown(changed.payload()["folderTemplate"]["folders"]) == [("b", "UPLOAD")]
    assert (await firm.owner.ask(DELETE, id=made["id"])).payload()["deletedId"] == made["id"]
    assert (await firm.owner.ask(TEMPLATES)).data["folderTemplates"] == []
    assert (await firm.owner.ask(DELETE, id=made["id"])).refusals() == [("id", "NOT_FOUND")]
    gone = {"name": "x", "folders": [folder("A")]}
    answer = await firm.owner.ask(UPDATE, id=made["id"], input=gone)
    assert answer.refusals() == [("id", "NOT_FOUND")]


async def test_who_may_not_define_templates_may_read_them(firm: Firm) -> None:
    made = await template(firm.owner, folder("A"))
    desk = await firm.member(Permission.MANAGE_ACCOUNTS)
    assert (await desk.ask(TEMPLATES)).data["folderTemplates"] == [made]
    given: dict[str, Any] = {"name": "x", "folders": [folder("A")]}
    assert (await desk.ask(CREATE, input=given)).codes == ["FORBIDDEN"]
    assert (await desk.ask(UPDATE, id=made["id"], input=given)).codes == ["FORBIDDEN"]
    assert (await desk.ask(DELETE, id=made["id"])).codes == ["FORBIDDEN"]


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=8)
PATHS = st.lists(NAMES | st.sampled_from(["a", "A", "ä", "b"]), min_size=1, max_size=4).map(
    "/".join
)


@given(paths=st.lists(PATHS, min_size=1, max_size=8), access=st.sampled_from(FolderAccess))
def test_a_tree_holds_every_folder_once_and_after_the_one_around_it(
    paths: list[str], access: FolderAccess
) -> None:
    problems = Problems()
    folders = tree(problems, (), [FolderDraft(path=path, access=access) for path in paths])
    keys = [folder.key for folder in folders]
    assert len(set(keys)) == len(keys)
    seen: set[str] = set()
    for each in folders:
        around = each.path.rpartition("/")[0]
        assert not around or around in seen
        assert each.access is access
        seen.add(each.path)
    if not problems:
        assert {path.count("/") for path in paths} <= {path.count("/") for path in seen}
