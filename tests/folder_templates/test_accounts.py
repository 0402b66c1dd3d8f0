"""What accounts get of a template: when they are created, and afterwards, many at once."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest
from sqlalchemy import func, literal, select, true
from sqlalchemy.orm import aliased

from models import Counter, Folder
from models.enums import Locale, Permission
from models.ids import fresh_id, prefix_of
from resolvers.bulk import MOST_AT_ONCE
from tenancy.session import UnscopedStatement, firm_session
from tenancy.statements import insert_from
from tests.crowds import many_accounts
from tests.deployments import CREATE_ACCOUNT, Deployed, Firm
from tests.documents import ARCHIVE_ACCOUNTS
from tests.folder_templates.conftest import (
    APPLY,
    BUILT_IN,
    DELETE,
    FOLDERS,
    folder,
    folders_of,
    shown,
    template,
)

KIM = {"contact": {"new": {"firstName": "Kim", "lastName": "Case"}}}


async def test_a_new_account_gets_the_default_or_what_it_is_given(firm: Firm) -> None:
    assert await folders_of(firm, await firm.account()) == [BUILT_IN]
    usual = await template(firm.owner, folder("In", "UPLOAD"), folder("Steuern/2026", "VIEW"))
    assert await folders_of(firm, await firm.account()) == [BUILT_IN]
    expected = [("In", "UPLOAD"), ("Steuern", "VIEW"), ("Steuern/2026", "VIEW")]
    account = await firm.account(folderTemplateId=usual["id"])
    assert await folders_of(firm, account) == expected
    default = await template(firm.owner, folder("Box", "UPLOAD"), name="Other", isDefault=True)
    assert await folders_of(firm, await firm.account()) == [("Box", "UPLOAD")]
    assert await folders_of(firm, await firm.account(folderTemplateId=None)) == [("Box", "UPLOAD")]
    assert await folders_of(firm, await firm.account(folderTemplateId=usual["id"])) == expected
    await firm.owner.ask(DELETE, id=default["id"])
    assert await folders_of(firm, await firm.account()) == [BUILT_IN]
    assert await folders_of(firm, account) == expected


async def test_every_new_account_has_a_folder_for_uploads(deployed: Deployed) -> None:
    firm = await deployed.firm(Locale.DE)
    plain = "Vom Kunden hochgeladene Dokumente"
    await template(firm.owner, folder("Steuern", "VIEW"), folder(plain.upper()), isDefault=True)
    assert await folders_of(firm, await firm.account()) == [
        ("Steuern", "VIEW"),
        (plain.upper(), "PRIVATE"),
        (f"{plain} 2", "UPLOAD"),
    ]


async def test_a_template_that_is_not_there_is_refused_with_the_rest(firm: Firm) -> None:
    given = {"type": "INDIVIDUAL", "name": "a/b", "folderTemplateId": "ftpl_x", "contacts": [KIM]}
    assert sorted((await firm.owner.ask(CREATE_ACCOUNT, input=given)).refusals()) == [
        ("folderTemplateId", "NOT_FOUND"),
        ("name", "FORBIDDEN_CHARACTERS"),
    ]


async def test_clients_see_what_the_top_folder_lets_them_see(firm: Firm) -> None:
    usual = await template(
        firm.owner,
        folder("In", "UPLOAD"),
        folder("Intern/Notizen"),
        folder("Steuern", "VIEW"),
        folder("Steuern/2026"),
    )
    account = await firm.account(invited=True, folderTemplateId=usual["id"])
    client = await firm.client(account)
    answer = await client.ask(
        "{ viewer { ... on PortalUser { currentAccount { folders { path access } } } } }"
    )
    assert shown(answer.data["viewer"]["currentAccount"]["folders"]) == [
        ("In", "UPLOAD"),
        ("Steuern", "VIEW"),
        ("Steuern/2026", "VIEW"),
    ]


async def test_applying_adds_what_is_missing_and_takes_nothing_away(firm: Firm) -> None:
    old = await template(
        firm.owner, folder("steuern", "PRIVATE"), folder("In", "UPLOAD"), name="Old"
    )
    first, second = await firm.account(folderTemplateId=old["id"]), await firm.account()
    await firm.owner.ask(ARCHIVE_ACCOUNTS, ids=[second["id"]])
    new = await template(
        firm.owner, folder("Steuern/2026/Belege", "VIEW"), folder("In", "VIEW"), folder("Neu")
    )
    given = {"folderTemplateId": new["id"], "accountIds": [second["id"], first["id"], first["id"]]}
    answer = (await firm.owner.ask(APPLY, input=given)).payload()["accounts"]
    assert [row["id"] for row in answer] == [second["id"], first["id"]]
    # Below a folder that was there, its name and its access hold.
    assert shown(answer[1]["folders"]) == [
        ("In", "UPLOAD"),
        ("Neu", "PRIVATE"),
        ("steuern", "PRIVATE"),
        ("steuern/2026", "PRIVATE"),
        ("steuern/2026/Belege", "PRIVATE"),
    ]
    assert [row["name"] for row in answer[1]["folders"]][-1] == "Belege"
    assert shown(answer[0]["folders"]) == [
        BUILT_IN,
        ("In", "VIEW"),
        ("Neu", "PRIVATE"),
        ("Steuern", "VIEW"),
        ("Steuern/2026", "VIEW"),
        ("Steuern/2026/Belege", "VIEW"),
    ]


async def test_applying_twice_changes_nothing(firm: Firm) -> None:
    account = await firm.account()
    usual = await template(firm.owner, folder("Steuern/2026"))
    given = {"folderTemplateId": usual["id"], "accountIds": [account["id"]]}

    async def state() -> Any:
        return (await firm.owner.ask(FOLDERS, id=account["id"])).data["account"]

    before = await state()
    together = await asyncio.gather(*(firm.owner.ask(APPLY, input=given) for _ in range(3)))
    assert [answer.payload()["errors"] for answer in together] == [[]] * 3
    after = await state()
    assert len(after["folders"]) == 3 and after["updatedAt"] > before["updatedAt"]
    (await firm.owner.ask(APPLY, input=given)).payload()
    assert await state() == after


async def test_what_is_not_there_is_refused_and_nothing_is_written(deployed: Deployed) -> None:
    firm, other = await deployed.firm(), await deployed.firm()
    account, theirs = await firm.account(), await other.account()
    usual = await template(firm.owner, folder("A"))
    ids = [account["id"], theirs["id"], "acct_x"]
    given = {"folderTemplateId": usual["id"], "accountIds": ids}
    assert (await firm.owner.ask(APPLY, input=given)).refusals() == [
        ("accountIds.1", "NOT_FOUND"),
        ("accountIds.2", "NOT_FOUND"),
    ]
    given = {"folderTemplateId": "ftpl_x", "accountIds": ids[:1]}
    assert (await firm.owner.ask(APPLY, input=given)).refusals() == [
        ("folderTemplateId", "NOT_FOUND")
    ]
    given = {"folderTemplateId": usual["id"], "accountIds": ["x"] * (MOST_AT_ONCE + 1)}
    assert (await firm.owner.ask(APPLY, input=given)).refusals() == [
        ("accountIds", "LIMIT_REACHED")
    ]
    assert await folders_of(firm, account) == [BUILT_IN]
    desk = await firm.member(Permission.MANAGE_FOLDER_TEMPLATES)
    given = {"folderTemplateId": usual["id"], "accountIds": ids[:1]}
    assert (await desk.ask(APPLY, input=given)).codes == ["FORBIDDEN"]


@pytest.mark.parametrize("count", [50, 500])
async def test_many_accounts_take_as_many_statements_as_few(firm: Firm, count: int) -> None:
    ids = (await many_accounts(firm, count)).accounts
    usual = await template(firm.owner, folder("A/b"), folder("C"))
    tried = {"folderTemplateId": usual["id"], "filter": {}, "dryRun": True}
    first = {"folderTemplateId": usual["id"], "accountIds": ids[:1]}
    assert (await firm.owner.ask(APPLY, input=first)).payload()["count"] == 1
    for given, changed in (
        (tried, count - 1),
        ({**tried, "dryRun": False}, count - 1),
        (tried, 0),
        ({"folderTemplateId": usual["id"], "accountIds": ids}, 0),
    ):
        with firm.deployed.statements() as statements:
            done = (await firm.owner.ask(APPLY, input=given)).payload()
        assert (done["count"], len(done["accounts"])) == (changed, count)
        has = 3 if changed == 0 or given is not tried else 0
        assert len(done["accounts"][-1]["folders"]) == has
        assert len(statements) <= 10, statements


async def test_ids_or_a_filter_and_not_both(firm: Firm) -> None:
    account = await firm.account()
    usual = await template(firm.owner, folder("A"))
    given: dict[str, Any] = {"folderTemplateId": "ftpl_x"}
    refusal = ("folderTemplateId", "NOT_FOUND")
    assert (await firm.owner.ask(APPLY, input=given)).refusals() == [
        refusal,
        ("accountIds", "REQUIRED"),
    ]
    given = {"folderTemplateId": usual["id"], "filter": {}, "accountIds": [account["id"]]}
    assert (await firm.owner.ask(APPLY, input=given)).refusals() == [("accountIds", "CONFLICT")]
    assert await folders_of(firm, account) == [BUILT_IN]


async def test_rows_made_of_others_are_written_into_the_sessions_firm_alone(
    deployed: Deployed,
) -> None:
    firm, other = await deployed.firm(), await deployed.firm()
    await other.account()
    database = deployed.deployment.database
    firm_id = (await firm.owner.ask("{ firm { id } }")).data["firm"]["id"]
    theirs = aliased(Folder)
    columns = {"id": fresh_id("coun", database.dialect), "value": literal(1)}
    async with firm_session(database, firm_id) as session:
        await insert_from(session, Counter, columns, theirs, where=true())
        assert await session.scalar(select(func.count()).select_from(Counter)) == 1
    async with firm_session(database, None) as session:
        with pytest.raises(UnscopedStatement):
            await insert_from(session, Counter, columns, theirs, where=true())


async def test_an_id_made_by_the_database_is_one_like_all_others(deployed: Deployed) -> None:
    made = fresh_id("fold", deployed.deployment.database.dialect)
    async with deployed.deployment.database.write_engine.begin() as connection:
        found = [await connection.scalar(select(made)) for _ in range(20)]
    assert len(set(found)) == 20
    for id in found:
        assert prefix_of(id) == "fold"
        version = uuid.UUID(id.partition("_")[2])
        assert (version.version, version.variant) == (7, uuid.RFC_4122)
