"""What the tests of tags share."""

from __future__ import annotations

from typing import Any

import pytest

from tests.deployments import Firm, Voice

CREATE_TAG = """
mutation ($input: TagInput!) {
  createTag(input: $input) {
    tag { id name color accountCount contactCount } errors { path code message }
  }
}
"""
TAG = """
mutation ($input: TaggingInput!) { tag(input: $input) { count subjectCount errors { path code message } } }
"""
UNTAG = """
mutation ($input: TaggingInput!) { untag(input: $input) { count subjectCount errors { path code message } } }
"""
DELETE_TAG = """
mutation ($id: ID!) { deleteTag(id: $id) { deletedId touched errors { path code message } } }
"""
TAGS = "{ tags { id name color accountCount contactCount } }"


async def make_tag(firm: Firm, name: str, color: str | None = None) -> str:
    """A tag of the firm; its id."""
    answer = await firm.owner.ask(CREATE_TAG, input={"name": name, "color": color})
    return answer.payload()["tag"]["id"]


async def put(voice: Voice, subjects: list[str], tags: list[str]) -> int:
    """Puts the tags on the subjects; how many were not there."""
    answer = await voice.ask(TAG, input={"subjectIds": subjects, "tagIds": tags})
    return answer.payload()["count"]


async def take_off(voice: Voice, subjects: list[str], tags: list[str]) -> int:
    """Takes the tags off the subjects; how many were there."""
    answer = await voice.ask(UNTAG, input={"subjectIds": subjects, "tagIds": tags})
    return answer.payload()["count"]


async def names_on(firm: Firm, *ids: str) -> list[list[str]]:
    """The names of the tags on each account or contact, in the order of the list."""
    answer = await firm.owner.ask(
        """query ($ids: [ID!]!) { nodes(ids: $ids) {
             ... on Account { tags { name } } ... on Contact { tags { name } }
           } }""",
        ids=list(ids),
    )
    nodes: list[Any] = answer.data["nodes"]
    return [[tag["name"] for tag in node["tags"]] for node in nodes]


@pytest.fixture
async def tags(firm: Firm) -> list[str]:
    """The tags Bau, Fibu and Lohn."""
    return [await make_tag(firm, name) for name in ("Bau", "Fibu", "Lohn")]


async def two(firm: Firm) -> tuple[str, str]:
    """An account and its contact."""
    account = await firm.account()
    return account["id"], account["contacts"]["nodes"][0]["contact"]["id"]


async def counts(firm: Firm) -> list[tuple[int, int]]:
    """How many accounts and contacts carry each tag, by its name."""
    tags = (await firm.owner.ask(TAGS)).data["tags"]
    return [(tag["accountCount"], tag["contactCount"]) for tag in tags]
