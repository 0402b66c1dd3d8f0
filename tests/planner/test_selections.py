"""What a selection asks for is what comes back: names, fragments, directives, values."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models import AccountAssignee, Folder, Invitation, Phone, PortalUser
from tests.planner.conftest import NOW, Desk, account, contact, entry, member

pytestmark = pytest.mark.anyio


async def test_a_page_of_accounts_is_read_with_one_statement(desk: Desk) -> None:
    await desk.add(account("Berta"), account("Anton"))
    data = await desk.data("{ accounts { nodes { __typename name contacts { nodes { id } } } } }")
    assert data["accounts"]["nodes"] == [
        {"__typename": "Account", "name": "Anton", "contacts": {"nodes": []}},
        {"__typename": "Account", "name": "Berta", "contacts": {"nodes": []}},
    ]
    assert len(desk.statements) == 1


async def test_each_root_field_costs_one_statement(desk: Desk) -> None:
    await desk.add(anton := account("Anton"))
    data = await desk.data(
        """query ($id: ID!) {
          one: account(id: $id) { name }
          same: account(id: $id) { id }
          members { email }
        }""",
        {"id": anton.id},
    )
    assert data == {
        "one": {"name": "Anton"},
        "same": {"id": anton.id},
        "members": [{"email": "ada@example.org"}],
    }
    assert len(desk.statements) == 3


async def test_fields_come_in_the_order_in_which_they_are_asked_for(desk: Desk) -> None:
    await desk.add(anton := account("Anton"))
    data = await desk.data(
        """query ($id: ID!) {
          account(id: $id) { name ...Rest id again: name __typename number }
        }
        fragment Rest on Account { createdAt ...Deeper }
        fragment Deeper on Node { type: __typename ... on Account { id status: type } }""",
        {"id": anton.id},
    )
    assert list(data["account"]) == [
        "name", "createdAt", "type", "id", "status", "again", "__typename", "number",
    ]  # fmt: skip


async def test_a_field_that_is_asked_for_twice_is_merged(desk: Desk) -> None:
    await desk.add(anton := account("Anton", company_address={"street": "Weg 1", "city": "Ulm"}))
    data = await desk.data(
        """query ($id: ID!) {
          account(id: $id) { companyAddress { street } ... { companyAddress { city } } }
          account(id: $id) { contacts { totalCount } contacts { nodes { id } } }
        }""",
        {"id": anton.id},
    )
    assert data["account"] == {
        "companyAddress": {"street": "Weg 1", "city": "Ulm"},
        "contacts": {"totalCount": 0, "nodes": []},
    }


async def test_the_same_connection_with_other_arguments_is_another_one(desk: Desk) -> None:
    await desk.add(*(account(name) for name in "cab"))
    data = await desk.data(
        """{ two: accounts(first: 2) { nodes { name } }
             z: accounts(first: 1, orderBy: {direction: DESC}) { nodes { name } } }"""
    )
    assert [node["name"] for node in data["two"]["nodes"]] == ["a", "b"]
    assert [node["name"] for node in data["z"]["nodes"]] == ["c"]


@pytest.mark.parametrize("shown", [True, False])
async def test_include_and_skip_decide_at_each_level(desk: Desk, shown: bool) -> None:
    await desk.add(anton := account("Anton"))
    data = await desk.data(
        """query ($id: ID!, $shown: Boolean!, $more: Boolean = true) {
          account(id: $id) {
            id @include(if: $shown)
            name @skip(if: $shown)
            number @skip(if: true)
            ... @include(if: $more) { contacts { totalCount @include(if: $shown) __typename } }
            ...Type @skip(if: $shown)
          }
        }
        fragment Type on Account { type }""",
        {"id": anton.id, "shown": shown},
    )
    seen = {"id": anton.id} if shown else {"name": "Anton"}
    contacts = {"__typename": "AccountContactConnection"} | ({"totalCount": 0} if shown else {})
    assert data["account"] == seen | {"contacts": contacts} | (
        {} if shown else {"type": "INDIVIDUAL"}
    )


async def test_an_object_of_which_nothing_is_included_is_empty(desk: Desk) -> None:
    await desk.add(anton := account("Anton"))
    document = "query ($id: ID!) { account(id: $id) { id @skip(if: true) } }"
    assert await desk.data(document, {"id": anton.id}) == {"account": {}}


async def test_absent_values_are_null(desk: Desk) -> None:
    await desk.add(anton := account("Anton"), person := contact("Anton"))
    await desk.add(entry(anton, person))
    data = await desk.data(
        """query ($id: ID!) { account(id: $id) {
          externalReference companyAddress { street } folders { id } assignees { id }
          contacts { nodes { contact { email address { city } phones { number } }
                             invitation { id } } }
        } }""",
        {"id": anton.id},
    )
    assert data["account"] == {
        "externalReference": None,
        "companyAddress": None,
        "folders": [],
        "assignees": [],
        "contacts": {
            "nodes": [
                {"contact": {"email": None, "address": None, "phones": []}, "invitation": None}
            ]
        },
    }


async def test_an_unknown_id_is_null(desk: Desk) -> None:
    document = "query ($id: ID!) { account(id: $id) { id } node(id: $id) { id } }"
    for id_ in ("acct_0", "", "what", "acct_\x00", "acct_\ud800", "'; --", "mem_" + "0" * 32):
        assert await desk.data(document, {"id": id_}) == {"account": None, "node": None}


async def test_values_keep_their_types(desk: Desk) -> None:
    text = 'Größe "1"\\ \n\u2028 😀 </script>'
    await desk.add(
        anton := account(text, company_address={"street": text, "postal_code": None}),
        person := contact("Anton", email="a@example.org"),
    )
    await desk.add(entry(anton, person, login=True, notify=False))
    data = await desk.data(
        """query ($id: ID!) {
          firm { signUpEnabled signUpUrl locale }
          members { permissions createdAt }
          account(id: $id) {
            name createdAt type
            companyAddress { where: street __typename postalCode city }
            contacts { nodes { login notify } }
          }
        }""",
        {"id": anton.id},
    )
    assert data["firm"]["signUpEnabled"] is True
    assert data["firm"]["signUpUrl"].startswith("https://mandant.example/p/")
    assert data["firm"]["locale"] == "DE"
    assert data["members"] == [
        {"permissions": ["IMPORT", "EXPORT"], "createdAt": "2026-11-23T12:00:00.000120Z"}
    ]
    assert data["account"] == {
        "name": text,
        "createdAt": "2026-11-23T12:00:00.000120Z",
        "type": "INDIVIDUAL",
        "companyAddress": {
            "where": text, "__typename": "Address", "postalCode": None, "city": None,
        },
        "contacts": {"nodes": [{"login": True, "notify": False}]},
    }  # fmt: skip


async def test_related_rows_come_in_their_order(desk: Desk) -> None:
    await desk.add(anton := account("Anton"), person := contact("Anton"))
    others = [member("b@example.org"), member("c@example.org")]
    await desk.add(it := entry(anton, person), *others)
    await desk.add(
        *(
            Folder(account_id=anton.id, name=path, path=path, path_key=path, access="UPLOAD")
            for path in ("Steuern", "Belege", "Löhne")
        ),
        *(
            Phone(contact_id=person.id, position=place, number=f"+49{place}", type="WORK")
            for place in (2, 0, 1)
        ),
        *(AccountAssignee(account_id=anton.id, member_id=one.id) for one in reversed(others)),
    )
    for number, state in ((1, "REVOKED"), (2, "PENDING")):
        await desk.add(
            Invitation(
                account_contact_id=it.id, email="a@example.org", email_key="a@example.org",
                state=state, counter=1, send_count=number, delivery="SENT", sent_at=NOW,
                sent_by_id=desk.member_id if number == 2 else None,
                expires_at=NOW - timedelta(days=1),
            )
        )  # fmt: skip
    data = await desk.data(
        """query ($id: ID!) { account(id: $id) {
          portalStatus
          folders { path } assignees { email }
          contacts { nodes {
            portalStatus
            contact { phones { number position } }
            invitation { status sendCount acceptedAt sentBy { email } }
          } }
        } }""",
        {"id": anton.id},
    )
    assert data["account"] == {
        "portalStatus": "PENDING",
        "folders": [{"path": "Belege"}, {"path": "Löhne"}, {"path": "Steuern"}],
        "assignees": [{"email": "b@example.org"}, {"email": "c@example.org"}],
        "contacts": {
            "nodes": [
                {
                    "portalStatus": "PENDING",
                    "contact": {
                        "phones": [
                            {"number": f"+49{place}", "position": place} for place in (0, 1, 2)
                        ]
                    },
                    "invitation": {
                        "status": "EXPIRED",
                        "sendCount": 2,
                        "acceptedAt": None,
                        "sentBy": {"email": "ada@example.org"},
                    },
                }
            ]
        },
    }


async def test_rows_may_be_related_by_a_condition_alone(desk: Desk) -> None:
    user = PortalUser(email="a@example.org", email_key="a@example.org", locale="DE", created_at=NOW)
    await desk.add(
        user,
        mine := account("Meins"),
        account("Fremd"),
        me := contact("Ich", email="a@example.org", email_key="a@example.org"),
    )
    await desk.add(entry(mine, me))
    data = await desk.data(
        """query ($id: ID!) { node(id: $id) {
          ... on PortalUser { firm { name } accounts { name } }
        } }""",
        {"id": user.id},
    )
    assert data["node"] == {"firm": {"name": "Kanzlei"}, "accounts": [{"name": "Meins"}]}


async def test_more_fields_than_a_function_takes_arguments_stand_at_one_level(desk: Desk) -> None:
    await desk.add(
        anton := account('}}"~:0', company_address={"street": '}"~:0}'}), person := contact("A")
    )
    await desk.add(entry(anton, person))
    names = [f"f{number}" for number in range(203)]
    kinds = ("name", "externalReference", "companyAddress { street }", "contacts { totalCount }")
    values = [anton.name, None, {"street": '}"~:0}'}, {"totalCount": 1}]
    fields = " ".join(f"{name}: {kinds[place % 4]}" for place, name in enumerate(names))
    data = await desk.data(
        f"query ($id: ID!) {{ account(id: $id) {{ {fields} }} }}", {"id": anton.id}
    )
    assert data["account"] == {name: values[place % 4] for place, name in enumerate(names)}
    assert list(data["account"]) == names
    alike = " ".join(f"{name}: name" for name in names)
    data = await desk.data(
        f"query ($id: ID!) {{ account(id: $id) {{ {alike} }} }}", {"id": anton.id}
    )
    assert data["account"] == dict.fromkeys(names, anton.name)


async def test_a_selection_may_be_as_deep_as_a_document(desk: Desk) -> None:
    await desk.add(anton := account("Anton"), person := contact("Anna"))
    await desk.add(entry(anton, person))
    turn = "contacts { pageInfo { hasNextPage } edges { cursor node { portalStatus contact {"
    back = "accounts(first: 3) { edges { cursor node { login account { name portalStatus"
    selection = f"{turn} {back} {turn} {back} {turn} name"
    document = f"query ($id: ID!) {{ account(id: $id) {{ {selection} {'}' * 21} }}"
    data = (await desk.data(document, {"id": anton.id}))["account"]
    for _ in range(2):
        node = data["contacts"]["edges"][0]["node"]
        assert node["portalStatus"] == "NOT_INVITED"
        data = node["contact"]["accounts"]["edges"][0]["node"]["account"]
        assert data["name"] == "Anton"
    assert data["contacts"]["edges"][0]["node"]["contact"] == {"name": "Anna"}
    assert len(desk.statements) == 1


async def test_rows_are_there_though_nothing_of_them_is_asked_for(desk: Desk) -> None:
    await desk.add(account("Anton"), account("Berta"))
    data = await desk.data(
        "{ members { __typename } accounts { nodes { __typename } edges { __typename } } }"
    )
    assert data == {
        "members": [{"__typename": "Member"}],
        "accounts": {
            "nodes": [{"__typename": "Account"}] * 2,
            "edges": [{"__typename": "AccountEdge"}] * 2,
        },
    }
