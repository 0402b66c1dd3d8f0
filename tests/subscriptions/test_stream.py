"""GraphQL over server-sent events: the protocol of graphql-sse, distinct connections mode."""

from __future__ import annotations

import asyncio
import json

import httpx2
import pytest

import server.graphql_stream
from tests.deployments import BASE_URL, CREATE_ACCOUNT, Deployed, Firm
from tests.subscriptions.conftest import RECEIVED, Endpoint, Event, Stream
from tests.subscriptions.test_events import ME, tell

FIRM = "{ firm { name } }"
STREAM = {"Accept": "text/event-stream"}
JSON = "application/json"


async def test_a_query_and_a_mutation_are_one_event_each(plain: Deployed, door: Endpoint) -> None:
    firm = await plain.firm()
    given = {"type": "INDIVIDUAL", "contacts": [{"contact": {"new": {"lastName": "Brandt"}}}]}
    for document, variables in ((FIRM, {}), (CREATE_ACCOUNT, {"input": given})):
        async with door.stream(firm.owner, document, **variables) as stream:
            assert stream.response.status_code == 200
            headers = stream.response.headers
            assert headers["content-type"] == "text/event-stream; charset=utf-8"
            assert headers["cache-control"] == "no-store"
            assert headers["x-accel-buffering"] == "no"
            assert headers["x-content-type-options"] == "nosniff"
            told, end = [event async for event in stream.events()]
            assert (told.name, told.id) == ("next", None)
            assert told.result["data"]
            assert end == Event("complete")


async def test_a_sign_in_by_stream_gives_the_browser_its_cookie(
    plain: Deployed, door: Endpoint
) -> None:
    firm = await plain.firm()
    document = "mutation ($input: SignInInput!) { signIn(input: $input) { token } }"
    given = {"firm": firm.slug, "email": firm.owner_email, "password": "a garden full of lanterns"}
    async with door.stream(plain.nobody, document, input=given) as stream:
        token = (await stream.next()).result["data"]["signIn"]["token"]
        assert f"__Host-mandant={token};" in stream.response.headers["set-cookie"]


async def test_what_is_wrong_with_a_document_is_an_event_too(
    plain: Deployed, door: Endpoint
) -> None:
    firm = await plain.firm()
    for document in ("{", "{ nothing }", "subscription { nothing }", "{ a: firm { id } } {"):
        async with door.stream(firm.owner, document) as stream:
            assert stream.response.status_code == 200
            told, end = [event async for event in stream.events()]
            assert told.result == (await firm.owner.ask(document)).body
            assert end.name == "complete"
    # The variables of a subscription do not fit.
    document = "subscription ($id: ID!) { notificationReceived(after: $id) { id } }"
    async with door.stream(firm.owner, document) as stream:
        told, end = [event async for event in stream.events()]
        assert told.result["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
        assert "data" not in told.result and end.name == "complete"


async def test_a_subscription_is_streamed_where_it_can_be(plain: Deployed, door: Endpoint) -> None:
    firm = await plain.firm()
    both = "application/graphql-response+json, application/json, text/event-stream, */*"
    async with door.stream(firm.owner, RECEIVED, {"Accept": both}) as stream:
        assert stream.response.headers["content-type"].startswith("text/event-stream")
    async with door.stream(firm.owner, FIRM, {"Accept": both}) as stream:
        assert "json" in stream.response.headers["content-type"]
        assert json.loads(await stream.response.aread())["data"]
    async with door.stream(firm.owner, FIRM, {"Accept": f"{JSON};q=0.5, text/event-stream"}) as s:
        assert s.response.headers["content-type"].startswith("text/event-stream")
    for accepted in (JSON, "*/*", f"{JSON}, text/event-stream;q=0", "text/*, */*"):
        async with door.stream(firm.owner, RECEIVED, {"Accept": accepted}) as stream:
            [error] = json.loads(await stream.response.aread())["errors"]
            assert error["extensions"]["code"] == "BAD_REQUEST"
            assert "text/event-stream" in error["message"]


async def test_a_browser_follows_by_its_address_alone(plain: Deployed, door: Endpoint) -> None:
    """EventSource sends GET, the cookie, and after a break the id of the last event."""
    firm = await plain.firm()
    me = (await firm.owner.ask(ME)).data
    await firm.account()
    await tell(plain, me["firm"]["id"], me["viewer"]["id"])
    browser = {
        **STREAM,
        "Cookie": f"__Host-mandant={firm.owner.token}",
        "Sec-Fetch-Site": "same-origin",
    }
    query = {"query": "subscription { notificationReceived { title } }"}
    async with httpx2.AsyncClient(base_url=door.address, timeout=10) as http:
        resumed = {**browser, "Last-Event-ID": "noti_" + "0" * 32}
        async with http.stream("GET", "/graphql", params=query, headers=resumed) as response:
            told = await Stream(response).next()
            assert told.result == {"data": {"notificationReceived": {"title": "Told"}}}
            assert told.id and told.id.startswith("noti_")
        foreign = {**browser, "Sec-Fetch-Site": "cross-site"}
        refused = await http.get("/graphql", params=query, headers=foreign)
        assert refused.status_code == 403
        mutation = {"query": "mutation { signOut { errors { code } } }"}
        refused = await http.get("/graphql", params=mutation, headers=browser)
        assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
        elsewhere = {"Origin": BASE_URL, "Cookie": browser["Cookie"]}
        assert (await http.post("/graphql", json={"query": FIRM}, headers=elsewhere)).json()["data"]


@pytest.mark.parametrize(
    ("status", "given", "headers"),
    [
        (400, {"content": b"[]"}, {"Content-Type": JSON}),
        (400, {"content": b'{"query": 5}'}, {"Content-Type": JSON}),
        (415, {"content": b"{ firm { name } }"}, {"Content-Type": "text/plain"}),
        (413, {"content": b"x" * 1_100_000}, {"Content-Type": JSON}),
        (403, {"json": {"query": FIRM}}, {"Cookie": "a=b", "Origin": "null"}),
    ],
)
async def test_a_request_that_is_none_is_refused_as_ever(
    door: Endpoint, status: int, given: dict, headers: dict[str, str]
) -> None:
    async with httpx2.AsyncClient(base_url=door.address) as http:
        refused = await http.post("/graphql", headers=STREAM | headers, **given)
    assert refused.status_code == status
    assert refused.headers["content-type"] == f"{JSON}; charset=utf-8"
    assert refused.json()["errors"]


async def test_comments_keep_the_connection_from_looking_dead(
    plain: Deployed, door: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.graphql_stream, "KEEP_ALIVE", 0.05)
    firm = await plain.firm()
    async with door.stream(firm.owner, RECEIVED) as stream:
        with pytest.raises(TimeoutError):
            await stream.next(0.5)
        assert stream.comments > 3


async def test_an_event_is_one_event_however_its_json_is_written(
    firm: Firm, endpoint: Endpoint
) -> None:
    """PostgreSQL puts line ends between the items of a list."""
    document = """
      subscription { notificationReceived { account {
        name contacts { nodes { contact { name } } }
      } } }
    """
    first = {"contact": {"new": {"lastName": "Eins", "email": "e@c.test"}}, "login": True}
    more = [{"contact": {"new": {"lastName": f"Mehr{number}"}}} for number in range(3)]
    async with endpoint.stream(firm.owner, document) as stream:
        await firm.client(
            await firm.account(contacts=[{**first, "invite": {}}, *more], name="Lines")
        )
        account = (await stream.next()).result["data"]["notificationReceived"]["account"]
        assert len(account["contacts"]["nodes"]) == 4


async def test_whoever_hangs_up_is_not_counted_any_more(plain: Deployed, door: Endpoint) -> None:
    firm = await plain.firm()
    for _ in range(3):
        async with asyncio.TaskGroup() as group:

            async def visit() -> None:
                async with door.stream(firm.owner, RECEIVED) as stream:
                    assert stream.response.status_code == 200

            for _ in range(15):
                group.create_task(visit())
        await asyncio.sleep(0.1)
