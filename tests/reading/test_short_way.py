"""A query takes the short way to its statement, or the executor's; nobody can tell which."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from models.enums import Permission
from server.graphql_view import GraphQLView
from tests.deployments import Firm, Voice

FIELDS = (
    "account(id: $id) { id name createdAt }",
    "accounts(first: 2, orderBy: {field: CREATED_AT}) { totalCount nodes { number } }",
    "a: accounts { nodes { name } } b: accounts(filter: {portalStatus: [PENDING]}) { totalCount }",
    "notifications { unreadCount nodes { title } }",
    "node(id: $id) { __typename id } nodes(ids: [$id, $id]) { id }",
    "firm { name portalUrl } members { email }",
    "sessions { current }",
    "accounts(first: 500) { totalCount }",
    'accounts(after: "nonsense") { totalCount }',
    'account(id: "acct_never") { id }',
)

# What takes a request off the short way, and changes nothing else about it.
OUT_OF_THE_ORDINARY: dict[str, dict[str, Any]] = {
    "a cookie": {"headers": {"Cookie": "theme=dark"}},
    "a spelling of JSON": {"content": lambda body: b" " + body.replace(b'":', b'" :')},
    "an extension": {"content": lambda body: body[:-1] + b',"extensions":{}}'},
}


def short(fields: str) -> str:
    return f"query ($id: ID!) {{ keep: node(id: $id) {{ id }} {fields} }}"


def executed(fields: str) -> str:
    """The same, in a way that the short way does not take."""
    return (
        f"query ($id: ID!) {{ ...All }} fragment All on Query "
        f"{{ keep: node(id: $id) {{ id }} {fields} }}"
    )


async def send(
    voice: Voice,
    query: str,
    *,
    headers: dict[str, str] | None = None,
    content: Any = None,
    **given: Any,
) -> httpx2.Response:
    """One request, byte by byte as a browser's client writes it, unless told otherwise."""
    request = voice.deployed.http.build_request(
        "POST", "/graphql", json={"query": query, "variables": given}
    )
    all_headers = {"Content-Type": "application/json", **(headers or {})}
    if voice.token:
        all_headers["Authorization"] = f"Bearer {voice.token}"
    body = request.content if content is None else content(request.content)
    return await voice.deployed.http.post("/graphql", content=body, headers=all_headers)


@pytest.mark.parametrize("fields", FIELDS)
async def test_both_ways_answer_alike(firm: Firm, fields: str) -> None:
    account = await firm.account(invited=True)
    await firm.client(account)
    client = await firm.client(await firm.account(invited=True))
    clerk = await firm.member(Permission.MANAGE_TAGS)
    for voice in (firm.owner, clerk, client, firm.deployed.nobody):
        one = await voice.ask(short(fields), id=account["id"])
        other = await voice.ask(executed(fields), id=account["id"])
        assert one.status == other.status
        assert one.body.get("data") == other.body.get("data")
        assert one.codes == other.codes


@pytest.mark.parametrize(
    ("unusual", "accept"),
    [
        *zip(
            OUT_OF_THE_ORDINARY,
            ["*/*", "application/graphql-response+json", "text/html"],
            strict=True,
        )
    ],
)
async def test_the_same_bytes_come_back_whatever_way_a_request_takes(
    firm: Firm, unusual: str, accept: str
) -> None:
    account = await firm.account()
    client = await firm.client(await firm.account(invited=True))
    for voice in (firm.owner, client, firm.deployed.nobody):
        for fields in FIELDS:
            answers = [
                await send(voice, short(fields), id=account["id"], **given, headers=headers)
                for each in ({}, {}, OUT_OF_THE_ORDINARY[unusual])
                for headers in ({"Accept": accept, **each.get("headers", {})},)
                for given in ({"content": each.get("content")},)
            ]
            assert len({answer.content for answer in answers}) == 1
            assert len({answer.status_code for answer in answers}) == 1
            assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1


async def test_a_known_query_takes_the_short_way(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await firm.account()
    query = short("firm { name }")
    await send(firm.owner, query, id=account["id"])

    async def unreachable(*_: Any) -> None:
        raise AssertionError("it went the ordinary way")

    monkeypatch.setattr(GraphQLView, "__call__", unreachable)
    for id in (account["id"], "acct_never", "sess_never"):
        answer = await send(firm.owner, query, id=id)
        assert answer.json()["data"]["firm"]["name"]
    with pytest.raises(AssertionError, match="ordinary way"):
        await send(firm.owner, query, id=account["id"], headers={"Cookie": "theme=dark"})


async def test_limits_and_hosts_hold_on_the_short_way(firm: Firm) -> None:
    query = "query ($n: Int) { accounts(first: $n) { nodes { contacts(first: $n) { nodes { contact { accounts(first: $n) { nodes { id } } } } } } } }"
    assert "errors" not in (await send(firm.owner, query, n=2)).json()
    answer = (await send(firm.owner, query, n=100)).json()
    assert answer["errors"][0]["extensions"]["code"] == "TOO_COMPLEX"
    assert "errors" not in (await send(firm.owner, query, n=2)).json()
    foreign = await send(firm.owner, query, n=2, headers={"Host": "elsewhere.example"})
    assert foreign.status_code == 400


async def test_a_session_that_has_ended_is_noticed_on_the_short_way(firm: Firm) -> None:
    client = await firm.client(await firm.account(invited=True))
    query = "{ sessions { current } }"
    for _ in range(3):
        assert (await send(client, query)).json() == {"data": {"sessions": [{"current": True}]}}
    await client.ask("mutation { signOut { errors { code } } }")
    answer = (await send(client, query)).json()
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_mutations_are_answered_alike_on_both_ways(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = "mutation ($input: CreateAccountInput!) { createAccount(input: $input) { account { name contacts { nodes { login } } } errors { path code message } } }"
    contact = {"contact": {"new": {"lastName": "Twice"}}}
    inputs: list[dict[str, Any]] = [
        {"type": "INDIVIDUAL", "contacts": [contact]},
        {"type": "INDIVIDUAL", "contacts": []},
        {"type": "INDIVIDUAL", "contacts": [contact], "tagIds": ["tag_never"]},
        {"type": "SOMETHING"},
    ]
    clerk = await firm.member(Permission.MANAGE_TAGS)
    await send(firm.owner, create, input=inputs[0])
    ordinary = [
        await send(voice, create, input=given, **OUT_OF_THE_ORDINARY["a cookie"])
        for voice in (firm.owner, clerk)
        for given in inputs
    ]

    async def unreachable(*_: Any) -> None:
        raise AssertionError("it went the ordinary way")

    for number, answer in enumerate(ordinary):
        voice, given = (firm.owner, clerk)[number // 4], inputs[number % 4]
        with monkeypatch.context() as patch:
            if given["type"] == "INDIVIDUAL":
                patch.setattr(GraphQLView, "__call__", unreachable)
            short = await send(voice, create, input=given)
        assert short.content == answer.content
        assert short.status_code == answer.status_code
        assert sorted(short.headers.items()) == sorted(answer.headers.items())
