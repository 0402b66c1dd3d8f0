"""Texts that deceive or break something, at every place that takes a text."""

from __future__ import annotations

import copy
import email
import email.policy
from pathlib import Path
from typing import Any

import pytest

from tests.deployments import ACTIVATE, CREATE_ACCOUNT, Deployed, Firm, running
from tests.isolation.calls import ANYONE, CALLS, CLIENTS, filled
from tests.isolation.twins import Twin, rows_of, send, twins
from tests.isolation.walk import Position, document, string_positions
from tests.security.conftest import sign_in

NASTY = {
    "NUL": "a\x00b",
    "controls": "a\x07\x1b[31mb\x9f",
    "bidi": "a\u202egnp.exe\u2066b",
    "zero width": "a\u200b\u200d\ufeffb",
    "line ends": "a\r\nBcc: evil@evil.example\r\n\r\nb",
    "separators": "a\u2028b\u2029c",
    "too long": "x" * 70_000,
    "a path": "../../etc/passwd",
    "another path": "..\\..\\con",
    "SQL": "'; DROP TABLE accounts; --",
    "unassigned": "a\U000e0fffb",
    "empty": "",
    "spaces": " \t\n ",
    "marks": "e" + "\u0301" * 3000,
    "wildcards": "%_\\",
    "markup": "<script>alert(1)</script>{{7*7}}",
}
PLACES = string_positions()
# Texts that a person reads as a name, a line of an address or the like.
SEEN = ("name", "reference", "street", "city", "region", "postalcode", "message")


def with_text(variables: Any, path: tuple[str, ...], text: str) -> Any:
    """*variables* with *text* at the place; what leads there is made where it is missing."""
    made = copy.deepcopy(variables) if isinstance(variables, dict) else {}
    if not path:
        return text
    name, *below = path
    inside = made.get(name)
    if name in ("contacts", "phones"):
        first = inside[0] if isinstance(inside, list) and inside else {}
        made[name] = [with_text(first, tuple(below), text)]
    else:
        made[name] = with_text(inside, tuple(below), text)
    if name == "new":
        made.pop("id", None)
    return made


@pytest.fixture(scope="module")
async def pair(
    walled_url: str, tmp_path_factory: pytest.TempPathFactory, anyio_backend: str
) -> Any:
    async with running(walled_url, tmp_path_factory.mktemp("input")) as deployed:
        pair = await twins(deployed)
        for twin in pair:
            opened = "mutation { updateFirm(input: {signUpEnabled: true}) { errors { code } } }"
            (await twin.owner.ask(opened)).payload()
        yield pair


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def walled_url(request: pytest.FixtureRequest, databases: Any) -> Any:
    url = databases.create(request.param, migrated=True)
    yield url
    databases.drop(url)


@pytest.mark.parametrize("place", PLACES, ids=str)
async def test_no_text_breaks_anything(pair: tuple[Twin, Twin], place: Position) -> None:
    mine = pair[0]
    if place.field in ("changePassword", "resetPassword", "signIn", "activate"):
        voice = mine.owner if place.field == "changePassword" else mine.deployed.nobody
    else:
        who = CALLS[place.field].who
        voice = {ANYONE: mine.deployed.nobody, CLIENTS: mine.client}.get(who, mine.owner)
    texts = {**mine.texts, "newest": "none", "reset": "none", "sign_up": "none"}
    twin = Twin(mine.firm, mine.client, mine.ids, texts, mine.canaries)
    firm_id = mine.ids["firm"]
    before = await rows_of(mine.deployed, firm_id)
    for kind, text in NASTY.items():
        call = filled(CALLS[place.field].variables[0], twin)
        answer = await send(voice, document(place.field), with_text(call, place.path, text))
        body = answer.json()
        assert answer.status_code in (200, 400, 429), (kind, body)
        codes = {error["extensions"]["code"] for error in body.get("errors", ())}
        assert codes <= {"BAD_REQUEST", "RATE_LIMITED", "TOO_COMPLEX"}, (kind, body)
        payload = (body.get("data") or {}).get(place.field)
        errors = payload.get("errors", ()) if isinstance(payload, dict) else ()
        if errors or codes:
            after = await rows_of(mine.deployed, firm_id)
            told = after["audit_events"][0] - before["audit_events"][0]
            if place.field == "signIn" and told == 1:  # One that fails leaves its event alone.
                before["audit_events"] = after["audit_events"]
            assert after == before, (kind, body)
        else:
            before = await rows_of(mine.deployed, firm_id)
        seen = any(word in place.path[-1].lower() for word in SEEN)
        if seen and kind in ("NUL", "controls", "bidi", "too long", "unassigned"):
            assert {error["code"] for error in errors} & {
                "FORBIDDEN_CHARACTERS",
                "TOO_LONG",
                "NOT_FOUND",
            }, (kind, body)


@pytest.mark.parametrize(
    "escaped", ["\\ud800", "\\udc00\\ud800", "a\\ud83d"], ids=["high", "swapped", "half"]
)
async def test_half_a_surrogate_pair_is_a_malformed_request(firm: Firm, escaped: str) -> None:
    body = (
        '{"query": "query ($s: String) { contacts(filter: {search: $s}) { totalCount } }",'
        f' "variables": {{"s": "{escaped}"}}}}'
    )
    headers = {"Authorization": f"Bearer {firm.owner.token}", "Content-Type": "application/json"}
    answer = await firm.deployed.http.post("/graphql", content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    inside = await firm.owner.ask('{ contacts(filter: { search: "%s" }) { totalCount } }' % escaped)
    assert inside.codes == ["BAD_REQUEST"]


CREATE_CONTACT = """
mutation ($input: CreateContactInput!) {
  createContact(input: $input) { contact { id name lastName email } errors { path code } }
}
"""


async def test_names_are_kept_in_nfc_and_trimmed(firm: Firm) -> None:
    made = await firm.owner.ask(CREATE_CONTACT, input={"lastName": "  Mu\u0308ller\u00a0 "})
    assert made.payload()["contact"]["lastName"] == "M\u00fcller"


@pytest.mark.parametrize(
    "lookalike",
    [
        "\u212aim@c.test",
        "k\u0131m@c.test",
        "\uff4b\uff49\uff4d@c.test",
        "k\u0456m@c.test",
        "ｋim@c.test",
    ],
)
async def test_an_address_that_looks_like_anothers_takes_nothing_over(
    firm: Firm, lookalike: str
) -> None:
    """A Kelvin sign, a dotless i, full-width and Cyrillic letters."""
    victim = await firm.account(
        contacts=[
            {
                "contact": {"new": {"lastName": "Kim", "email": "kim@c.test"}},
                "login": True,
                "invite": {},
            }
        ]
    )
    client = await firm.client(victim)
    made = await firm.owner.ask(
        CREATE_ACCOUNT,
        input={
            "type": "INDIVIDUAL",
            "contacts": [
                {
                    "contact": {"new": {"lastName": "Mallory", "email": lookalike}},
                    "login": True,
                    "invite": {},
                }
            ],
        },
    )
    if made.data["createAccount"]["errors"]:
        assert {code for _, code in made.refusals()} == {"INVALID_EMAIL"}
        return
    entry = made.payload()["account"]["contacts"]["nodes"][0]
    assert entry["portalStatus"] == "PENDING"
    assert await firm.deployed.mails_to("kim@c.test") != []
    told = await client.ask("{ viewer { ... on PortalUser { email accounts { id } } } }")
    assert [a["id"] for a in told.data["viewer"]["accounts"]] == [victim["id"]]
    # The stored address is written to, and signing in by the look-alike is not signing in as Kim.
    answer = await sign_in(firm.deployed, firm.slug, lookalike)
    assert answer.json()["data"]["signIn"]["token"] is None


async def test_an_address_is_one_whatever_the_case_of_its_letters(firm: Firm) -> None:
    account = await firm.account(invited=True)
    address = account["contacts"]["nodes"][0]["contact"]["email"]
    await firm.client(account)
    for spelled in (address.upper(), f" {address} ", address.title()):
        answer = await sign_in(firm.deployed, firm.slug, spelled)
        assert answer.json()["data"]["signIn"]["token"], spelled


HEADERS = "Weber\r\nBcc: evil@evil.example"


async def test_no_name_adds_a_header_or_a_recipient_to_a_mail(firm: Firm) -> None:
    for name in (
        "Weber, evil@evil.example",
        "Weber <evil@evil.example>",
        'We"ber',
        "We\u00fcber; x",
    ):
        entry = {
            "contact": {
                "new": {"firstName": name, "lastName": name, "email": f"{len(name)}a@c.test"}
            },
            "login": True,
            "invite": {"message": "Hello\r\nBcc: evil@evil.example\r\n\r\n<b>x</b>"},
        }
        await firm.account(name="Weber, Bcc evil@evil.example", contacts=[entry])
    refused = await firm.owner.ask(CREATE_CONTACT, input={"lastName": HEADERS})
    assert refused.refusals() == [("lastName", "FORBIDDEN_CHARACTERS")]
    assert await firm.deployed.mails()
    for path in Path(firm.deployed.mail_folder).glob("*.eml"):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert {"bcc", "cc"} & {header.lower() for header in message} == set()
        assert len(message.get_all("to", ())) == 1
        assert [address.addr_spec for address in message["to"].addresses] == [message["to"]]


@pytest.mark.parametrize(
    "address",
    [
        "a@c.test, b@c.test",
        "a@c.test\r\nBcc: b@c.test",
        "a@c.test>",
        '"a\r\nb"@c.test',
        "a b@c.test",
        "a@",
        "@c.test",
        "a@c.test\x00",
        "x" * 400 + "@c.test",
    ],
)
async def test_what_is_not_one_address_is_refused(firm: Firm, address: str) -> None:
    refused = await firm.owner.ask(CREATE_CONTACT, input={"lastName": "A", "email": address})
    assert refused.refusals() == [("email", "INVALID_EMAIL")]


@pytest.mark.parametrize(
    "first", [2**31, 2**63, -(2**31) - 1, 1.5, "5", True, 10**30, [1, 2]], ids=repr
)
async def test_a_number_out_of_range_is_a_malformed_request(firm: Firm, first: Any) -> None:
    answer = await firm.owner.ask("query ($n: Int) { accounts(first: $n) { totalCount } }", n=first)
    assert answer.codes == ["BAD_REQUEST"]


@pytest.mark.parametrize("first", [0, -1, 201, 2**31 - 1])
async def test_a_page_has_a_size_within_limits(firm: Firm, first: int) -> None:
    answer = await firm.owner.ask(
        "query ($n: Int) { accounts(first: $n) { nodes { id } } }", n=first
    )
    assert answer.codes in (["BAD_REQUEST"], []) and (first == 0 or answer.codes)


@pytest.mark.parametrize(
    "moment",
    [
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "2026-12-31T23:59:60Z",
        "2026-02-30T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "yesterday",
        "",
        "2026-01-01T00:00:00\x00Z",
        1764000000,
        "2026-01-01T00:00:00+99:99",
    ],
    ids=repr,
)
async def test_a_moment_that_is_none_is_a_malformed_request(firm: Firm, moment: Any) -> None:
    document = (
        "query ($d: DateTime) { accounts(filter: { createdAt: { from: $d } }) { totalCount } }"
    )
    answer = await firm.owner.ask(document, d=moment)
    assert answer.codes == ["BAD_REQUEST"], answer.body


@pytest.mark.parametrize(
    "moment", ["2026-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"]
)
async def test_a_moment_at_the_edge_is_one(firm: Firm, moment: str) -> None:
    await firm.account()
    answer = await firm.owner.ask(
        "query ($d: DateTime) { accounts(filter: { createdAt: { from: $d } }) { totalCount } }",
        d=moment,
    )
    expected = 0 if moment.startswith("9999") else 1
    assert answer.data["accounts"]["totalCount"] == expected


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../../etc/passwd", "FORBIDDEN_CHARACTERS"),
        ("/etc/passwd", "FORBIDDEN_CHARACTERS"),
        ("..\\windows", "FORBIDDEN_CHARACTERS"),
        ("CON", None),
        ("aux.txt", None),
        ("..", None),
        ("ends with a dot.", None),
        ("x" * 300, "TOO_LONG"),
    ],
)
async def test_an_account_has_no_name_that_a_file_could_not_have(
    firm: Firm, name: str, code: str | None
) -> None:
    given = {"type": "OTHER", "name": name, "contacts": [{"contact": {"new": {"lastName": "A"}}}]}
    refused = (await firm.owner.ask(CREATE_ACCOUNT, input=given)).refusals()
    assert len(refused) == 1 and refused[0][0] == "name"
    assert code is None or refused[0][1] == code


async def test_a_name_that_is_encoded_is_only_a_name(firm: Firm) -> None:
    made = await firm.account(name="%2e%2e%2fetc")
    assert made["name"] == "%2e%2e%2fetc"


async def test_wildcards_in_a_search_are_letters(firm: Firm) -> None:
    await firm.account(name="Hundert")
    for search in ("%", "_", "\\", "H%t", "_____"):
        answer = await firm.owner.ask(
            "query ($s: String) { accounts(filter: { search: $s }) { totalCount }"
            " contacts(filter: { search: $s }) { totalCount } }",
            s=search,
        )
        assert answer.data == {"accounts": {"totalCount": 0}, "contacts": {"totalCount": 0}}


async def test_external_references_are_unique_in_a_firm_alone(
    deployed: Deployed, firm: Firm
) -> None:
    other = await deployed.firm()
    given = {"lastName": "A", "externalReference": "R-1"}
    for owner in (firm.owner, other.owner):
        assert (await owner.ask(CREATE_CONTACT, input=given)).refusals() == []
    again = await firm.owner.ask(CREATE_CONTACT, input=given)
    assert again.refusals() == [("externalReference", "TAKEN")]


async def test_an_activation_is_a_matter_of_one_address(firm: Firm) -> None:
    """What arrives with a link cannot name another address, firm or account."""
    account = await firm.account(invited=True)
    address = account["contacts"]["nodes"][0]["contact"]["email"]
    token = (await firm.deployed.mails_to(address))[-1].token
    for extra in ("email", "firm", "accountId", "role"):
        given = {"token": token, "password": "a garden full of lanterns", extra: "x"}
        answer = await firm.deployed.nobody.ask(ACTIVATE, input=given)
        assert answer.codes == ["BAD_REQUEST"]
