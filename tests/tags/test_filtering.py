"""Finding accounts and contacts by the tags that they carry."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.deployments import Answer, Firm
from tests.documents import CREATE_CONTACT, SEND_INVITATIONS
from tests.tags.conftest import make_tag

ACCOUNTS = """
query ($filter: AccountFilter) { accounts(filter: $filter) { totalCount nodes { name } } }
"""
# The same in a way that takes the executor.
CONTACTS = """
query ($filter: ContactFilter) { ...All }
fragment All on Query { contacts(filter: $filter) { totalCount nodes { name } } }
"""


@pytest.fixture
async def tags(firm: Firm) -> dict[str, str]:
    """The tags a, b and c, and for each set of them an account and a contact named after it."""
    ids = {name: await make_tag(firm, name) for name in "abc"}
    for size in range(4):
        for names in itertools.combinations("abc", size):
            name, tag_ids = "".join(names) or "-", [ids[each] for each in names]
            await firm.account(name=name, tagIds=tag_ids, login=True)
            given = {"lastName": name, "tagIds": tag_ids, "companyName": "Lone"}
            (await firm.owner.ask(CREATE_CONTACT, input=given)).payload()
    return ids


def found(answer: Answer) -> list[str]:
    """The names that were found."""
    (list_,) = answer.data.values()
    assert list_["totalCount"] == len(list_["nodes"])
    return sorted(node["name"] for node in list_["nodes"])


CASES: list[tuple[dict[str, str | None] | None, list[str]]] = [
    (None, ["-", "a", "ab", "abc", "ac", "b", "bc", "c"]),
    ({}, ["-", "a", "ab", "abc", "ac", "b", "bc", "c"]),
    ({"any": None, "all": None, "none": None}, ["-", "a", "ab", "abc", "ac", "b", "bc", "c"]),
    ({"any": "a"}, ["a", "ab", "abc", "ac"]),
    ({"any": "ab"}, ["a", "ab", "abc", "ac", "b", "bc"]),
    ({"any": ""}, []),
    ({"any": "x"}, []),
    ({"any": "xc"}, ["abc", "ac", "bc", "c"]),
    ({"all": "ab"}, ["ab", "abc"]),
    ({"all": "aab"}, ["ab", "abc"]),
    ({"all": ""}, ["-", "a", "ab", "abc", "ac", "b", "bc", "c"]),
    ({"all": "ax"}, []),
    ({"none": "ab"}, ["-", "c"]),
    ({"none": ""}, ["-", "a", "ab", "abc", "ac", "b", "bc", "c"]),
    ({"none": "x"}, ["-", "a", "ab", "abc", "ac", "b", "bc", "c"]),
    ({"any": "bc", "none": "a"}, ["b", "bc", "c"]),
    ({"any": "bc", "all": "a", "none": "c"}, ["ab"]),
    ({"all": "a", "none": "a"}, []),
]


async def test_accounts_and_contacts_are_found_by_their_tags(
    firm: Firm, tags: dict[str, str]
) -> None:
    def filter_of(letters: dict[str, str | None] | None) -> Any:
        if letters is None:
            return None
        return {
            name: None if each is None else [tags.get(letter, "tag_never") for letter in each]
            for name, each in letters.items()
        }

    for letters, names in CASES:
        given = {"tags": filter_of(letters)}
        assert found(await firm.owner.ask(ACCOUNTS, filter=given)) == names, letters
        lone = {**given, "hasAccount": False}
        assert found(await firm.owner.ask(CONTACTS, filter=lone)) == names, letters
    together = {"tags": {"any": [tags["a"]]}, "search": "ab"}
    assert found(await firm.owner.ask(ACCOUNTS, filter=together)) == ["ab", "abc"]


async def test_invitations_go_to_the_accounts_that_the_tags_find(
    firm: Firm, tags: dict[str, str]
) -> None:
    given = {"tags": {"all": [tags["a"]], "none": [tags["b"]]}}
    answer = await firm.owner.ask(SEND_INVITATIONS, input={"filter": given, "dryRun": True})
    assert answer.payload()["count"] == 2
    none = {"tags": {"any": ["tag_never"]}}
    answer = await firm.owner.ask(SEND_INVITATIONS, input={"filter": none})
    assert answer.payload()["count"] == 0


@pytest.mark.parametrize("name", ["any", "all", "none"])
async def test_a_filter_takes_two_hundred_tags_in_each_list(firm: Firm, name: str) -> None:
    tag = await make_tag(firm, "a")
    await firm.account(name="tagged", tagIds=[tag], login=True)
    for document in (ACCOUNTS, CONTACTS):
        for count, codes in ((200, []), (201, ["BAD_REQUEST"]), (1, [])):
            answer = await firm.owner.ask(document, filter={"tags": {name: [tag] * count}})
            assert answer.codes == codes, count
    given = {"filter": {"tags": {name: [tag] * 201}}, "dryRun": True}
    answer = await firm.owner.ask(SEND_INVITATIONS, input=given)
    assert answer.codes == ["BAD_REQUEST"]
    assert "200 tags" in answer.body["errors"][0]["message"]
