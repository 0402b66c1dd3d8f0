"""Sessions: opaque, kept as hashes, ended for every door at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from auth.sessions import IDLE, LIFETIME, hash_token
from models import Session
from tests.deployments import PASSWORD, Deployed, Firm, Voice, running
from tests.security.conftest import behind_its_back, firm_id_of, long_ago, post, sign_in

COOKIE = "__Host-mandant"
WHO = "{ viewer { __typename ... on Member { email } } }"
SIGN_OUT = "mutation { signOut { errors { code } } }"


async def who(deployed: Deployed, **headers: str) -> Any:
    return (await post(deployed, WHO, **headers)).json()["data"]["viewer"]


async def both_doors(deployed: Deployed, token: str | None) -> list[Any]:
    """Who somebody with this token is, by cookie and as a bearer."""
    return [
        await who(deployed, Cookie=f"{COOKIE}={token}"),
        await who(deployed, Authorization=f"Bearer {token}"),
    ]


async def test_every_sign_in_has_a_token_of_its_own(firm: Firm) -> None:
    tokens = [(await firm.sign_in(firm.owner_email)).token for _ in range(3)]
    assert len({*tokens, firm.owner.token}) == 4
    assert all(token is not None and len(token) > 70 for token in tokens)


async def test_the_cookie_is_for_this_host_alone_and_for_no_script(firm: Firm) -> None:
    answer = await sign_in(firm.deployed, firm.slug, firm.owner_email)
    (header,) = answer.headers.get_list("set-cookie")
    name, *attributes = [part.strip() for part in header.split(";")]
    assert name == f"{COOKIE}={answer.json()['data']['signIn']['token']}"
    assert {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"} < set(attributes)
    assert not any(part.lower().startswith("domain") for part in attributes)
    assert await who(firm.deployed, Cookie=name) == {
        "__typename": "Member",
        "email": firm.owner_email,
    }


@pytest.mark.parametrize("own", ["a" * 43, "0" * 32 + "." + "a" * 43, ""])
async def test_a_cookie_that_a_browser_was_given_before_never_becomes_a_session(
    firm: Firm, own: str
) -> None:
    answer = await sign_in(firm.deployed, firm.slug, firm.owner_email, Cookie=f"{COOKIE}={own}")
    assert answer.json()["data"]["signIn"]["token"] != own
    assert await both_doors(firm.deployed, own) == [None, None]


async def test_signing_out_ends_the_session_for_every_door_and_process(
    firm: Firm, tmp_path: Path
) -> None:
    session, other = [await firm.sign_in(firm.owner_email) for _ in range(2)]
    async with running(firm.deployed.settings.database_url, tmp_path) as second:
        assert None not in await both_doors(second, session.token)
        left = await post(firm.deployed, SIGN_OUT, Authorization=f"Bearer {session.token}")
        assert "Max-Age=0" in left.headers["set-cookie"]
        for deployed in (firm.deployed, second):
            assert await both_doors(deployed, session.token) == [None, None]
            assert None not in await both_doors(deployed, other.token)
            again = await post(deployed, SIGN_OUT, Cookie=f"{COOKIE}={session.token}")
            assert again.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_ones_own_sessions_can_be_listed_and_ended_and_nobody_elses(firm: Firm) -> None:
    other = await firm.sign_in(firm.owner_email)
    member = await firm.member()
    listed = (await other.ask("{ sessions { id current ipAddress userAgent } }")).data["sessions"]
    assert [row["current"] for row in listed] == [True, False]
    assert {row["ipAddress"] for row in listed} == {"203.0.113.7"}
    end = "mutation ($id: ID!) { revokeSession(id: $id) { errors { path code } } }"
    refused = await member.ask(end, id=listed[1]["id"])
    assert refused.refusals() == [("id", "NOT_FOUND")]
    (await other.ask(end, id=listed[1]["id"])).payload()
    assert await both_doors(firm.deployed, firm.owner.token) == [None, None]
    assert None not in await both_doors(firm.deployed, other.token)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (Session.last_used_at, long_ago(days=IDLE.days, minutes=1)),
        (Session.expires_at, long_ago(minutes=1)),
    ],
    ids=["unused for too long", "however busy"],
)
async def test_a_session_ends_by_itself(firm: Firm, column: Any, value: Any) -> None:
    firm_id = await firm_id_of(firm)
    await behind_its_back(firm.deployed, firm_id, update(Session).values({column: value}))
    assert await both_doors(firm.deployed, firm.owner.token) == [None, None]
    assert (await firm.owner.ask("{ firm { id } }")).codes == ["UNAUTHENTICATED"]


async def test_use_puts_the_idle_end_off_and_never_the_last_one(firm: Firm) -> None:
    firm_id = await firm_id_of(firm)
    ends = await behind_its_back(firm.deployed, firm_id, select(Session.expires_at))
    almost = long_ago(days=IDLE.days - 1)
    await behind_its_back(firm.deployed, firm_id, update(Session).values(last_used_at=almost))
    assert None not in await both_doors(firm.deployed, firm.owner.token)
    used = await behind_its_back(firm.deployed, firm_id, select(Session.last_used_at))
    assert used[0] > long_ago(minutes=1)
    assert await behind_its_back(firm.deployed, firm_id, select(Session.expires_at)) == ends
    assert LIFETIME.days == 30


async def test_whoever_reads_the_database_has_no_session(firm: Firm) -> None:
    firm_id = await firm_id_of(firm)
    token = firm.owner.token
    assert token is not None
    stored = await behind_its_back(firm.deployed, firm_id, select(Session.token_hash))
    assert stored == [hash_token(token)] and token not in stored[0]
    for found in (stored[0], f"{token.partition('.')[0]}.{stored[0]}"):
        assert await both_doors(firm.deployed, found) == [None, None]


async def test_a_token_of_one_firm_is_none_at_another(deployed: Deployed, firm: Firm) -> None:
    other = await deployed.firm()
    assert firm.owner.token and other.owner.token
    mixed = other.owner.token.partition(".")[0] + "." + firm.owner.token.partition(".")[2]
    assert await both_doors(deployed, mixed) == [None, None]


@pytest.mark.parametrize("token", ["", ".", "a.b", "ä" * 40, "x" * 32 + "." + "y" * 43, "x" * 9000])
async def test_a_token_that_is_none_is_as_good_as_none(firm: Firm, token: str) -> None:
    assert (await Voice(firm.deployed, "x").ask(WHO)).data == {"viewer": None}
    if token.isascii():
        assert await both_doors(firm.deployed, token) == [None, None]
    signed_in = await sign_in(firm.deployed, firm.slug, firm.owner_email, PASSWORD)
    assert signed_in.status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://portal.example.test.evil.example"},
    ],
)
async def test_another_site_cannot_use_the_cookie(firm: Firm, sent: dict[str, str]) -> None:
    cookie = f"{COOKIE}={firm.owner.token}"
    write = 'mutation { createContact(input: { lastName: "Forged" }) { errors { code } } }'
    answer = await post(firm.deployed, write, Cookie=cookie, **sent)
    assert answer.status_code == 403 and "access-control-allow-origin" not in answer.headers
    found = await firm.owner.ask('{ contacts(filter: { search: "Forged" }) { totalCount } }')
    assert found.data["contacts"]["totalCount"] == 0
    own = await post(
        firm.deployed, write, Cookie=cookie, Origin="http://portal.example.test",
        Sec_Fetch_Site="same-origin",
    )  # fmt: skip
    assert own.json()["data"]["createContact"]["errors"] == []
