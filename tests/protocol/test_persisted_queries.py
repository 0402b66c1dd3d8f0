"""Documents by their hash, as Apollo's clients send them; and a deployment that trusts a few."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from server.settings import BadSetting
from tests.databases import Databases
from tests.deployments import Deployed, Firm, Voice, running
from tests.processes import mandant

FIRM_NAME = "{ firm { name } }"
BY_ID = "query ($id: ID!) { account(id: $id) { id } }"
PERSISTED_JSON = {"Accept": "application/graphql-response+json"}


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def persisted(hash: Any, version: Any = 1) -> dict[str, Any]:
    return {"persistedQuery": {"version": version, "sha256Hash": hash}}


async def post(voice: Voice, **body: Any) -> httpx2.Response:
    headers = {**PERSISTED_JSON, "Authorization": f"Bearer {voice.token}"}
    return await voice.deployed.http.post("/graphql", json=body, headers=headers)


def code_of(answer: httpx2.Response) -> str:
    (error,) = answer.json()["errors"]
    return error["extensions"]["code"]


async def test_a_hash_alone_is_enough_once_its_text_was_sent(firm: Firm) -> None:
    text = FIRM_NAME
    unknown = await post(firm.owner, extensions=persisted(hash_of(text)))
    assert unknown.status_code == 400
    assert unknown.json()["errors"][0]["message"] == "PersistedQueryNotFound"
    assert code_of(unknown) == "PERSISTED_QUERY_NOT_FOUND"
    sent = await post(firm.owner, query=text, extensions=persisted(hash_of(text)))
    assert "errors" not in sent.json()
    for _ in range(2):
        again = await post(firm.owner, extensions=persisted(hash_of(text)))
        assert again.content == sent.content
    named = await post(firm.owner, documentId=f"sha256:{hash_of(text)}")
    assert named.content == sent.content
    got = await firm.deployed.http.get(
        "/graphql",
        params={"extensions": json.dumps(persisted(hash_of(text)))},
        headers={**PERSISTED_JSON, "Authorization": f"Bearer {firm.owner.token}"},
    )
    assert got.content == sent.content


async def test_variables_are_coerced_and_checked_each_time(firm: Firm) -> None:
    account = await firm.account()
    asked = {"extensions": persisted(hash_of(BY_ID))}
    await post(firm.owner, query=BY_ID, variables={"id": account["id"]}, **asked)
    found = await post(firm.owner, variables={"id": account["id"]}, **asked)
    assert found.json()["data"]["account"]["id"] == account["id"]
    assert (await post(firm.owner, variables={"id": "acct_no"}, **asked)).json() == {
        "data": {"account": None}
    }
    for wrong in ({}, {"id": None}, {"id": ["a"]}, {"id": {}}, {"id": 1.5}):
        answer = await post(firm.owner, variables=wrong, **asked)
        assert (answer.status_code, code_of(answer)) == (400, "BAD_REQUEST")


async def test_what_is_kept_is_for_everybody_and_who_asks_is_asked_each_time(
    deployed: Deployed,
) -> None:
    one, other = await deployed.firm(), await deployed.firm()
    asked = {"extensions": persisted(hash_of(FIRM_NAME))}
    await post(one.owner, query=FIRM_NAME, **asked)
    assert (await post(other.owner, **asked)).json()["data"]["firm"]["name"] == f"Firm {other.slug}"
    assert code_of(await post(deployed.nobody, **asked)) == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    "extensions",
    [
        persisted("0" * 64),
        persisted(5),
        persisted(None),
        persisted(hash_of(FIRM_NAME), version=2),
        {"persistedQuery": True},
        {"persistedQuery": []},
    ],
    ids=str,
)
async def test_a_wrong_hash_is_refused(firm: Firm, extensions: dict[str, Any]) -> None:
    answer = await post(firm.owner, query=FIRM_NAME, extensions=extensions)
    assert (answer.status_code, code_of(answer)) == (400, "BAD_REQUEST")
    assert "data" not in answer.json()


async def test_a_document_that_is_refused_is_not_kept(firm: Firm) -> None:
    text = "{ nothingOfTheKind }"
    asked = {"extensions": persisted(hash_of(text))}
    assert code_of(await post(firm.owner, query=text, **asked)) == "BAD_REQUEST"
    assert code_of(await post(firm.owner, **asked)) == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize(
    "written",
    [
        {"name": FIRM_NAME, "account": BY_ID},
        {
            "format": "apollo-persisted-query-manifest",
            "version": 1,
            "operations": [
                {"id": "name", "name": "Name", "type": "query", "body": FIRM_NAME},
                {"id": "account", "name": "Account", "type": "query", "body": BY_ID},
            ],
        },
    ],
    ids=["names and texts", "a manifest"],
)
async def test_trusted_documents_are_answered_and_nothing_else(
    databases: Databases, tmp_path: Path, written: dict[str, Any]
) -> None:
    (trusted := tmp_path / "documents.json").write_text(json.dumps(written))
    url = databases.create("sqlite", migrated=True)
    async with running(url, tmp_path) as before:
        owner = (await before.firm()).owner
    async with running(url, tmp_path, trusted_documents=trusted) as deployed:
        owner = Voice(deployed, owner.token)
        for asked in ({"documentId": "name"}, {"query": FIRM_NAME}):
            for _ in range(2):
                assert (await post(owner, **asked)).json()["data"]["firm"]["name"]
        found = await post(owner, documentId="account", variables={"id": "acct_none"})
        assert found.json() == {"data": {"account": None}}
        sign_in = "mutation { signOut { errors { code } } }"
        for asked in (
            {"query": "{ firm { id } }"},
            {"query": FIRM_NAME + " "},
            {"query": "{ __schema { types { name } } }"},
            {"query": sign_in},
            {"query": sign_in, "extensions": persisted(hash_of(sign_in))},
            {"documentId": "other"},
        ):
            answer = await post(owner, **asked)
            assert (answer.status_code, code_of(answer)) == (400, "FORBIDDEN"), asked
        assert (await post(owner, documentId="name")).json()["data"]["firm"]["name"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("no JSON", "is no JSON"),
        ("[]", "holds no documents"),
        ("{}", "holds no documents"),
        ('{"a": 5}', "the document 'a' is no text"),
        ('{"a": "{ nothing }"}', "a: Cannot query field 'nothing'"),
        ('{"a": "{ "}', "a: Syntax Error"),
    ],
)
async def test_a_file_that_cannot_be_trusted_stops_the_start(
    databases: Databases, tmp_path: Path, text: str, told: str
) -> None:
    (trusted := tmp_path / "documents.json").write_text(text)
    with pytest.raises(BadSetting, match="MANDANT_TRUSTED_DOCUMENTS") as refused:
        async with running(
            databases.create("sqlite", migrated=True), tmp_path, trusted_documents=trusted
        ):
            pass
    assert told in str(refused.value)


def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    ended = mandant("serve", folder=tmp_path, MANDANT_TRUSTED_DOCUMENTS="nowhere.json")
    assert ended.returncode == 1
    assert "MANDANT_TRUSTED_DOCUMENTS: there is no file nowhere.json." in ended.stderr
