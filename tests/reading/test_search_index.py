"""The index behind the search: it finds what a look at every text finds, and it is what is asked."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from models.finding import AmongAccounts, asked, listed
from models.folding import fold, words
from tenancy.row_security import ROLE
from tests.deployments import Deployed, Firm
from tests.documents import CREATE_CONTACT
from tests.statements import reads_of, sqlites_plan

ACCOUNTS = """
query ($search: String) {
  accounts(filter: {search: $search}) { totalCount nodes { name } }
  contacts(filter: {search: $search}) { totalCount nodes { name } }
}
"""
CHANGE_CONTACT = """
mutation ($input: UpdateContactInput!) { updateContact(input: $input) { errors { code } } }
"""
ADD = """
mutation ($input: AddAccountContactInput!) {
  addAccountContact(input: $input) { accountContact { id contact { id } } errors { code } }
}
"""
REMOVE = "mutation ($id: ID!) { removeAccountContact(id: $id) { errors { code } } }"
DELETE_CONTACT = "mutation ($id: ID!) { deleteContact(id: $id) { errors { code } } }"

PEOPLE = (
    ("Jörg", "Müller", "joerg@kanzlei-nord.test", "+49 30 123456"),
    ("Łukasz", "Groß", "l.gross@example.test", "+49 171 5550199"),
    ("Zoë", "O'Hara", None, "+1 415 555 0123"),
    ("Анна", "Ёлкина", "anna@post.test", None),
    ("李", "小龍", None, None),
    ("A_b", "50%", "a_b+c@d.test", None),
)
COMPANIES = ("Straßenbau Weiß", "Zoë Ömer u. Söhne", "a%b_c\u00a0d", "24_7 (Nord)")
FIXED = [
    "müller",
    "joerg mull",
    "gross strasse",
    "zoe",
    "%",
    "_",
    "\\",
    "a_b",
    "%b_",
    "o'h",
    '"mul" OR',
    "030/123456",
    "(030) 12 34 56",
    "+49 (0)30 123456",
    "0049 30 123456",
    "+49(0)171-555",
    "0171 5550199",
    "4155550123",
    "小龍",
    "小龍 ёлк",
    "анна елкина",
    "m-1001",
    "\x00",
    "~x",
    "ab" * 300,
]


def parts(*texts: str | None) -> list[str]:
    """What a text is found by: folded, and with the umlauts of Germany written out."""
    german = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
    return [
        fold(form) for given in texts if given for form in (given, given.lower().translate(german))
    ]


def is_found(search: str, texts: list[str]) -> bool:
    """Whether every word is anywhere in *texts*, as it is typed or as a telephone number's."""
    return all(
        any(spelling in part for spelling in word for part in texts) for word in words(search)
    )


@pytest.fixture
async def world(deployed: Deployed) -> tuple[Firm, dict[str, list[str]], dict[str, list[str]]]:
    """A firm with the texts of its accounts and contacts; another one has the same."""
    for _ in range(2):
        firm = await deployed.firm()
        accounts: dict[str, list[str]] = {}
        contacts: dict[str, list[str]] = {}
        for place, (first, last, address, number) in enumerate(PEOPLE):
            new: dict[str, Any] = {"firstName": first, "lastName": last, "email": address}
            if number:
                new["phones"] = [{"number": number}]
            contact = (await firm.owner.ask(CREATE_CONTACT, input=new)).payload()["contact"]
            phone = number and number.replace(" ", "")
            contacts[f"{first} {last}"] = parts(f"{first} {last}", address, phone)
            # The second contact is in two accounts, and each company has two contacts.
            for company in COMPANIES[place : place + 1]:
                account = await firm.account(
                    type="COMPANY",
                    companyName=company,
                    name=company,
                    contacts=[{"contact": {"id": contact["id"]}}],
                )
                accounts[company] = [
                    *parts(company, account["number"]),
                    *contacts[f"{first} {last}"],
                ]
                if place:
                    await firm.owner.ask(
                        ADD,
                        input={
                            "accountId": account["id"],
                            "contact": {"contact": {"id": before}},  # noqa: F821
                        },
                    )
                    accounts[company] += previous  # noqa: F821
            before, previous = contact["id"], contacts[f"{first} {last}"]  # noqa: F841
    return firm, accounts, contacts


async def test_a_search_finds_what_a_look_at_every_text_finds(
    world: tuple[Firm, dict[str, list[str]], dict[str, list[str]]],
) -> None:
    firm, accounts, contacts = world
    texts = [*itertools.chain(*accounts.values(), *contacts.values())]
    pieces = st.sampled_from(texts).flatmap(
        lambda text: st.tuples(st.just(text), st.integers(0, len(text) - 1), st.integers(1, 9)).map(
            lambda cut: cut[0][cut[1] : cut[1] + cut[2]]
        )
    )
    searches = st.lists(pieces | st.text("müßÖ_%\\é'0+ ", max_size=4), min_size=1, max_size=3).map(
        " ".join
    )
    tried: list[str] = []

    @settings(max_examples=40, database=None, suppress_health_check=[*HealthCheck])
    @given(searches)
    def collect(search: str) -> None:
        tried.append(search)

    collect()
    for search in dict.fromkeys((*FIXED, *tried)):
        answer = await firm.owner.ask(ACCOUNTS, search=search)
        for kind, known in (("accounts", accounts), ("contacts", contacts)):
            expected = {name for name, found in known.items() if is_found(search, found)}
            found = answer.data[kind]
            assert {node["name"] for node in found["nodes"]} == expected, (kind, search)
            assert found["totalCount"] == len(expected), (kind, search)


async def test_an_account_is_found_by_the_contacts_that_it_has_now(firm: Firm) -> None:
    async def names(search: str) -> list[str]:
        answer = await firm.owner.ask(ACCOUNTS, search=search)
        return [node["name"] for node in answer.data["accounts"]["nodes"]]

    first = await firm.account(name="First")
    second = await firm.account(name="Second")
    new = {"contact": {"new": {"lastName": "Wanderer"}}}
    entry = (await firm.owner.ask(ADD, input={"accountId": first["id"], "contact": new})).payload()[
        "accountContact"
    ]
    assert await names("wander") == ["First"]
    again = {"contact": {"id": entry["contact"]["id"]}}
    await firm.owner.ask(ADD, input={"accountId": second["id"], "contact": again})
    assert await names("wander") == ["First", "Second"]
    assert await names("wanderer second") == ["Second"]
    changed = {
        "id": entry["contact"]["id"],
        "lastName": "Settler",
        "phones": [{"number": "+4930777"}],
    }
    await firm.owner.ask(CHANGE_CONTACT, input=changed)
    assert (await names("wander"), await names("settler")) == ([], ["First", "Second"])
    assert await names("030 777") == ["First", "Second"]
    await firm.owner.ask(REMOVE, id=entry["id"])
    assert await names("settler") == ["Second"]
    await firm.owner.ask(DELETE_CONTACT, id=entry["contact"]["id"])
    assert await names("settler") == []
    assert await names("second") == ["Second"]


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_on_sqlite_a_search_asks_the_index(firm: Firm) -> None:
    database = firm.deployed.deployment.database
    with reads_of(database) as asked_for:
        await firm.owner.ask(ACCOUNTS, search="müller x")
    (statement,) = [each for each in asked_for if "account_grams" in each[0]]
    steps = await sqlites_plan(database, statement)
    for subject in ("account", "contact"):
        assert any(f"SCAN {subject}_grams VIRTUAL TABLE INDEX" in step for step in steps), steps
        assert any(f"SEARCH {subject}_texts USING INDEX" in step for step in steps), steps
        assert not any(f"SCAN {subject}s" in step for step in steps), steps


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
@pytest.mark.parametrize("subject", ["account", "contact"])
async def test_on_postgresql_a_search_asks_the_index(firm: Firm, subject: str) -> None:
    """As the application's role, whom the row-level policies keep from using it by itself."""
    async with firm.deployed.deployment.database.write_engine.connect() as connection:
        firm_id = await connection.scalar(
            text("SELECT set_config('mandant.slug', :slug, true)"), {"slug": firm.slug}
        )
        firm_id = await connection.scalar(text("SELECT id FROM firms"))
        await connection.execute(
            text("SELECT set_config('mandant.firm', :firm, true)"), {"firm": firm_id}
        )
        # The transaction is given up, and nobody asks whether there are such accounts.
        await connection.execute(
            text(
                f"INSERT INTO {subject}_texts (firm_id, id, text) SELECT :firm,"
                f" 'id_' || n, md5(n::text) || ' ' || n FROM generate_series(1, 20000) AS n"
            ),
            {"firm": firm_id},
        )
        await connection.execute(text("RESET ROLE"))
        await connection.execute(text(f"ANALYZE {subject}_texts"))
        await connection.execute(text(f"SET LOCAL ROLE {ROLE}"))
        question = text(f"SELECT found_{subject}s(:words)")
        scans = text(f"SELECT pg_stat_get_xact_numscans('ix_{subject}_texts_words'::regclass::oid)")
        found = await connection.scalars(question, {"words": listed(words("cfcd2084 md5")[:1])})
        before = await connection.scalar(scans)
        found = await connection.scalars(question, {"words": listed(words("c4ca4238 1"))})
        assert found.all() == ["id_1"]
        assert await connection.scalar(scans) > (before or 0) - 1
        assert await connection.scalar(scans) >= 1
        await connection.rollback()
        # Without a firm there is nothing to be found.
        assert (await connection.scalars(question, {"words": listed([["c4ca"]])})).all() == []


def test_the_index_is_asked_for_words_of_three_letters_and_more() -> None:
    assert asked(words("ab cde")) == '(("~x636465"))'
    assert asked(words("030")) == ""
    assert "OR" in asked(words("0301234"))
    assert AmongAccounts.subject == "account"
