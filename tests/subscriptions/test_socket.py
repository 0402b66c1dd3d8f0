"""The protocol graphql-transport-ws: what is answered, and which code ends what."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from typing import Any

import pytest
import structlog
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

import server.graphql_socket
from server.app import graphql_operations, reading_of
from server.graphql_socket import MAX_OPERATIONS, GraphQLSocket, Patience
from server.lasting import MOST_OF_ONE, Lasting
from tests.deployments import CREATE_ACCOUNT, Deployed
from tests.subscriptions.conftest import RECEIVED, Endpoint, listening

INIT = {"type": "connection_init"}
FIRM = "{ firm { name } }"


async def test_queries_and_mutations_are_answered_as_over_http(
    plain: Deployed, door: Endpoint
) -> None:
    firm = await plain.firm()
    given = {"type": "INDIVIDUAL", "contacts": [{"contact": {"new": {"lastName": "Brandt"}}}]}
    async with door.greeted(firm.owner) as frames:
        assert await frames.ask(FIRM) == (await firm.owner.ask(FIRM)).body
        made = await frames.ask(CREATE_ACCOUNT, input=given)
        assert made["data"]["createAccount"]["errors"] == []
        # What is wrong with the document ends the operation, and not the connection.
        for wrong in ("{", "{ nothing }", "query ($id: ID!) { account(id: $id) { id } }"):
            assert await frames.ask(wrong) == (await firm.owner.ask(wrong)).body["errors"]
        broken = await frames.ask("{ account(id: 5) { id } a: account(id: {}) { id } }")
        assert {error["extensions"]["code"] for error in broken} == {"BAD_REQUEST"}
    listed = await firm.owner.ask("{ accounts { nodes { name } } }")
    assert [node["name"] for node in listed.data["accounts"]["nodes"]] == ["Brandt"]


async def test_many_operations_run_at_once_on_one_connection(
    plain: Deployed, door: Endpoint
) -> None:
    firm = await plain.firm()
    async with door.greeted(firm.owner) as frames:
        await frames.subscribe("follow", RECEIVED)
        for number in range(20):
            await frames.subscribe(f"q{number}", FIRM)
        told = [await frames.receive() for _ in range(40)]
        assert {message["id"] for message in told} == {f"q{number}" for number in range(20)}
        for number in range(20):
            kinds = [message["type"] for message in told if message["id"] == f"q{number}"]
            assert kinds == ["next", "complete"]
        await firm.client(await firm.account(invited=True))
        event = await frames.receive()
        assert (event["id"], event["type"]) == ("follow", "next")
        # Ended by the client: nothing more comes, and the id is free again.
        await frames.send({"id": "follow", "type": "complete"})
        await frames.subscribe("follow", FIRM)
        assert (await frames.receive())["payload"]["data"]["firm"]
        assert await frames.receive() == {"id": "follow", "type": "complete"}
        await firm.client(await firm.account(invited=True))
        assert await frames.is_silent(0.7)


async def test_pings_are_answered_before_and_after_the_introduction(door: Endpoint) -> None:
    async with door.connect() as frames:
        await frames.send({"type": "ping"}, {"type": "pong", "payload": {"late": True}})
        assert await frames.receive() == {"type": "pong"}
        await frames.send(INIT, {"type": "ping", "payload": {"number": 7}})
        assert await frames.receive() == {"type": "connection_ack"}
        assert await frames.receive() == {"type": "pong", "payload": {"number": 7}}


async def test_whoever_is_not_signed_in_may_ask_what_is_open_to_anyone(
    plain: Deployed, door: Endpoint
) -> None:
    async with door.greeted(plain.nobody) as frames:
        assert await frames.ask("{ viewer { __typename } }") == {"data": {"viewer": None}}
        [error] = await frames.ask(RECEIVED)
        assert error["extensions"]["code"] == "UNAUTHENTICATED"
        refused = await frames.ask("{ accounts { totalCount } }")
        assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def subscribing(**other: Any) -> dict[str, Any]:
    return {"id": "1", "type": "subscribe", "payload": {"query": RECEIVED}, **other}


WRONG: list[tuple[int, list[Any]]] = [
    *(
        (4400, [message])
        for message in (
            "[]",
            "5",
            "null",
            '"text"',
            "{",
            "",
            "{}",
            '{"type": 5}',
            '{"type": "start", "id": "1"}',
            '{"type": "connection_init", "payload": 5}',
            '{"type": "connection_init", "payload": []}',
            '{"type": "ping", "payload": "x"}',
            '{"type": "ping", "type": "ping"}',
            '{"type": "ping", "payload": {"number": NaN}}',
            '{"type": "ping", "payload": ' + "[" * 5000 + "]" * 5000 + "}",
            '{"type": "ping", "payload": {"text": "\\ud800"}}',
        )
    ),
    *(
        (4400, [INIT, message])
        for message in (
            subscribing(id=5),
            subscribing(id=""),
            subscribing(id=None),
            subscribing(id="x" * 101),
            subscribing(payload=None),
            subscribing(payload=[]),
            subscribing(payload={"query": 5}),
            subscribing(payload={"query": RECEIVED, "variables": []}),
            subscribing(payload={"query": RECEIVED, "operationName": 5}),
            subscribing(payload={"query": RECEIVED, "extensions": 5}),
            {"type": "complete", "id": 5},
            {"type": "next", "id": "1", "payload": {}},
        )
    ),
    (4401, [subscribing()]),
    (4403, [{**INIT, "payload": {"Authorization": "Bearer nobody.of.ours"}}]),
    (4403, [{**INIT, "payload": {"token": "x" * 32 + "." + "y" * 43}}]),
    (4403, [{**INIT, "payload": {"token": 5}}]),
    (4403, [{**INIT, "payload": {"authorization": ["Bearer"]}}]),
    (4403, [{**INIT, "payload": {"Authorization": "Bearer ä\r\nx"}}]),
    (4429, [INIT, INIT]),
]


async def test_what_a_client_does_wrong_ends_the_connection_with_the_protocol_s_code(
    door: Endpoint,
) -> None:
    for code, messages in WRONG:
        async with door.connect() as frames:
            await frames.send(*messages)
            if messages[0] == INIT:
                assert await frames.receive() == {"type": "connection_ack"}
            ended, reason = await frames.closed()
            assert ended == code, messages
            # A sentence of ours, and no exception's text.
            assert 0 < len(reason) < 60 and "object" not in reason.replace("an object", "")


async def test_binary_messages_are_refused(door: Endpoint) -> None:
    async with door.connect() as frames:
        await frames.raw.send(json.dumps(INIT).encode())
        assert (await frames.closed())[0] == 4400


async def test_an_id_that_is_in_use_ends_the_connection(plain: Deployed, door: Endpoint) -> None:
    firm = await plain.firm()
    async with door.greeted(firm.owner) as frames:
        await frames.subscribe("x" * 100, RECEIVED)
        await frames.subscribe("x" * 100, RECEIVED)
        code, reason = await frames.closed()
        assert code == 4409 and "x" * 40 in reason


async def test_a_message_that_is_too_long_ends_the_connection(door: Endpoint) -> None:
    async with door.connect() as frames:
        await frames.send({"type": "ping", "payload": {"text": "x" * 65_000}})
        assert (await frames.receive())["type"] == "pong"
        await frames.send({"type": "ping", "payload": {"text": "x" * 66_000}})
        assert (await frames.closed())[0] == 1009


async def test_operations_of_one_connection_are_bounded(plain: Deployed, door: Endpoint) -> None:
    firm = await plain.firm()
    async with door.greeted(firm.owner) as frames:
        for number in range(MAX_OPERATIONS):
            await frames.subscribe(str(number), RECEIVED)
        assert await frames.is_silent(0.1)
        await frames.subscribe("one more", RECEIVED)
        assert (await frames.closed())[0] == 4429


async def test_connections_of_one_person_are_bounded_whatever_the_transport(
    plain: Deployed, door: Endpoint
) -> None:
    firm = await plain.firm()
    other = await firm.member()
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        enough = asyncio.Event()

        async def hold(number: int, ready: asyncio.Event) -> None:
            if number % 2:
                async with door.greeted(firm.owner):
                    ready.set()
                    await enough.wait()
            else:
                async with door.stream(firm.owner, RECEIVED) as stream:
                    assert stream.response.status_code == 200
                    ready.set()
                    await enough.wait()

        for number in range(MOST_OF_ONE):
            ready = asyncio.Event()
            group.create_task(hold(number, ready))
            await ready.wait()
        async with door.connect() as frames:
            await frames.send({**INIT, "payload": {"token": firm.owner.token}})
            assert await frames.closed() == (4429, "Too many connections")
        async with door.stream(firm.owner, RECEIVED) as stream:
            assert stream.response.status_code == 429
            assert stream.response.headers["retry-after"] == "10"
            [error] = json.loads(await stream.response.aread())["errors"]
            assert error["extensions"] == {"code": "RATE_LIMITED", "retryAfter": 10}
        async with door.greeted(other):
            pass
        enough.set()
    # Whoever has left makes room.
    await asyncio.sleep(0.1)
    async with door.greeted(firm.owner) as frames:
        assert "data" in await frames.ask(FIRM)


async def test_connections_that_do_not_say_whose_they_are_are_bounded_too(
    plain: Deployed, door: Endpoint
) -> None:
    firm = await plain.firm()
    async with AsyncExitStack() as stack:
        for _ in range(MOST_OF_ONE):
            await stack.enter_async_context(door.connect())
        async with door.connect() as frames:
            assert await frames.closed() == (4429, "Too many connections")
        async with door.stream(firm.owner, RECEIVED) as stream:
            assert stream.response.status_code == 200
    await asyncio.sleep(0.1)
    async with door.greeted(firm.owner) as frames:
        assert "data" in await frames.ask(FIRM)


async def test_whoever_hangs_up_in_the_middle_leaves_nothing_behind(
    plain: Deployed, door: Endpoint
) -> None:
    firm = await plain.firm()
    with structlog.testing.capture_logs() as lines:
        for _ in range(MOST_OF_ONE + 5):
            async with door.greeted(firm.owner) as frames:
                for number in range(10):
                    await frames.subscribe(str(number), FIRM if number % 2 else RECEIVED)
                frames.raw.transport.abort()
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.2)
    assert [line for line in lines if line["log_level"] in ("warning", "error")] == []
    async with door.greeted(firm.owner) as frames:
        assert "data" in await frames.ask(FIRM)


def impatient(plain: Deployed, patience: Patience) -> Starlette:
    reading = reading_of(plain.deployment.database, "http://127.0.0.1")
    socket = GraphQLSocket(
        graphql_operations(plain.deployment, reading),
        Lasting(plain.deployment.database),
        allowed_origins=frozenset(),
        patience=patience,
    )
    return Starlette(routes=[WebSocketRoute("/graphql", socket)])


async def test_who_does_not_introduce_themselves_is_sent_away(plain: Deployed) -> None:
    async with (
        listening(impatient(plain, Patience(init=1, idle=60))) as door,
        door.connect() as frames,
    ):
        await frames.send({"type": "ping"})
        assert await frames.receive() == {"type": "pong"}
        assert await frames.closed() == (4408, "Connection initialisation timeout")


async def test_a_connection_that_nothing_runs_on_is_closed_and_one_that_waits_is_not(
    plain: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.graphql_socket, "LOOK_EVERY", 0.05)
    firm = await plain.firm()
    async with (
        listening(impatient(plain, Patience(init=60, idle=1))) as door,
        door.greeted(firm.owner) as frames,
    ):
        await frames.subscribe("1", RECEIVED)
        # A subscription that waits is no idleness.
        assert await frames.is_silent(1.5)
        await frames.send({"id": "1", "type": "complete"})
        assert await frames.closed() == (1000, "Idle")


FAN_OUT = " ".join(
    [
        "query { accounts { nodes { ...F0 } } }",
        *(f"fragment F{n} on Account {{ ...F{n + 1} ...F{n + 1} }}" for n in range(22)),
        "fragment F22 on Account { nothing }",
    ]
)


BEYOND = [
    FAN_OUT,
    "{ %s }" % " ".join(f"a{n}: firm {{ name }}" for n in range(201)),
    "mutation { %s }" % " ".join(f"a{n}: signOut {{ errors {{ code }} }}" for n in range(11)),
    "subscription { notificationReceived { %s } }" % " ".join(f"a{n}: title" for n in range(201)),
    "{ firm { name %s } }" % ("@include(if: true) " * 51),
    "subscription { a: notificationReceived { id } b: notificationReceived { id } }",
    "{ accounts(first: 1000) { totalCount nodes { id } } }",
    "{ %s }" % " ".join(f"x{n}" for n in range(3000)),
]


async def test_the_limits_are_those_of_http(plain: Deployed, door: Endpoint) -> None:
    firm = await plain.firm()
    for document in BEYOND:
        over_http = (await firm.owner.ask(document)).body["errors"]
        assert 0 < len(over_http) <= 5
        async with door.greeted(firm.owner) as frames:
            told = await frames.ask(document)
            assert (told if isinstance(told, list) else told["errors"]) == over_http
        async with door.stream(firm.owner, document) as stream:
            assert (await stream.next()).result["errors"] == over_http
            assert (await stream.next()).name == "complete"


async def test_our_own_faults_are_told_without_what_they_are(
    plain: Deployed, door: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    firm = await plain.firm()

    async def broken(*_: Any) -> Any:
        raise RuntimeError("SELECT secret FROM members")

    async with door.greeted(firm.owner) as frames:
        with monkeypatch.context() as patch:
            patch.setattr(plain.deployment.database, "fetch_rows", broken)
            for document in (FIRM, RECEIVED):
                told = await frames.ask(document)
                [error] = told if isinstance(told, list) else told["errors"]
                assert error["message"] == "Something went wrong on our side."
                assert error["extensions"].keys() == {"code", "requestId"}
        assert "data" in await frames.ask(FIRM)
