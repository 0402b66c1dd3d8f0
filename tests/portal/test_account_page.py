"""An account's page shows what the client may see of it, and what the API shows of it too."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from models import Member
from models.enums import AccountType, FolderAccess, Locale, MemberStatus, Role
from resolvers import firms, members
from tests.deployments import Deployed
from tests.portal.conftest import Browser
from tests.portal.offices import PASSWORD, Office

pytestmark = pytest.mark.anyio
EMAIL = "ada@example.org"
ACCOUNT = """
query ($id: ID!) {
  portalAccount(id: $id) {
    name type companyName folders { path access } assignees { firstName lastName }
  }
}
"""


async def test_a_client_sees_folders_and_who_looks_after_them(
    office: Office, browser: Browser
) -> None:
    colleague = await office.as_operator(
        members.create_member,
        firm="huber",
        email="rosa@huber.example",
        first_name="Rosa",
        last_name="Arnold",
        role=Role.EMPLOYEE,
        password=PASSWORD,
        locale=Locale.DE,
    )
    account = await office.add_account(
        EMAIL,
        name="Bootsbau",
        type=AccountType.COMPANY,
        company_name="Weber Boote GmbH",
        assignee_ids=[office.owner.id, colleague.id],
    )
    await browser.open(await office.link("activate"))
    await browser.send("/activate", password=PASSWORD)
    page = await browser.open("/p/huber")
    for words in (
        "<h1>Bootsbau</h1>",
        "Unternehmen · Weber Boote GmbH",
        "Vom Kunden hochgeladene Dokumente",
        "Sie können hochladen",
    ):
        assert words in page.text
    assert page.text.index("Rosa Arnold") < page.text.index("Olga Brandt")
    assert "rosa@huber.example" not in page.text
    await office.change(
        update(Member).where(Member.id == colleague.id).values(status=MemberStatus.DEACTIVATED)
    )
    await office.add_folder(account, "Intern", FolderAccess.PRIVATE)
    await office.add_folder(account, "Bescheide", FolderAccess.VIEW)
    page = await browser.open("/p/huber")
    assert "Rosa" not in page.text
    assert "Intern" not in page.text
    assert "Bescheide" in page.text
    assert "Sie können lesen" in page.text


async def test_the_api_shows_an_account_by_its_id_to_its_client_alone(deployed: Deployed) -> None:
    firm = await deployed.firm()
    (me,) = (await firm.owner.ask("{ members { id } }")).data["members"]
    mine = await firm.account(invited=True, assigneeIds=[me["id"]])
    theirs = await firm.account(invited=True)
    client, other = await firm.client(mine), await firm.client(theirs)
    shown = await client.ask(ACCOUNT, id=mine["id"])
    assert shown.data["portalAccount"] == {
        "name": mine["name"],
        "type": "INDIVIDUAL",
        "companyName": None,
        "folders": [{"path": "Client uploaded documents", "access": "UPLOAD"}],
        "assignees": [{"firstName": "Olivia", "lastName": "Boss"}],
    }
    assert (await other.ask(ACCOUNT, id=mine["id"])).data == {"portalAccount": None}
    assert (await firm.owner.ask(ACCOUNT, id=mine["id"])).codes == ["FORBIDDEN"]
    assert (await deployed.nobody.ask(ACCOUNT, id=mine["id"])).codes == ["UNAUTHENTICATED"]
    archive = "mutation ($ids: [ID!]!) { archiveAccounts(ids: $ids) { errors { code } } }"
    (await firm.owner.ask(archive, ids=[mine["id"]])).payload()
    assert (await client.ask(ACCOUNT, id=mine["id"])).data == {"portalAccount": None}


async def test_a_client_chooses_a_language_for_answers_and_mails(deployed: Deployed) -> None:
    firm = await deployed.firm()
    client = await firm.client(await firm.account(invited=True))
    change = (
        "mutation ($locale: Locale!) { changeLanguage(locale: $locale) {"
        " viewer { ... on PortalUser { locale } ... on Member { memberLocale: locale } }"
        " errors { code } } }"
    )
    payload = (await client.ask(change, locale="DE")).payload()
    assert payload["viewer"] == {"locale": "DE"}
    wrong = await client.ask(
        'mutation { switchAccount(input: {accountId: "x"}) { errors { message } } }'
    )
    assert wrong.data["switchAccount"]["errors"] == [{"message": "Dieses Konto gibt es nicht."}]
    assert (await firm.owner.ask(change, locale="DE")).payload()["viewer"] == {"memberLocale": "DE"}
    assert (await deployed.nobody.ask(change, locale="DE")).codes == ["UNAUTHENTICATED"]


async def test_a_firm_without_sign_up_shows_no_way_there(office: Office, browser: Browser) -> None:
    assert "/sign-up" not in (await browser.open("/p/huber")).text
    page = await browser.open("/p/huber/sign-up")
    assert page.status_code == 404
    assert "keine Registrierung möglich" in page.text
    assert "<form" not in page.text
    await office.do(firms.update_firm, sign_up_enabled=True)
    assert "/p/huber/sign-up" in (await browser.open("/p/huber")).text
    form = await browser.open("/p/huber/sign-up")
    assert form.status_code == 200
    await office.do(firms.update_firm, sign_up_enabled=False)
    late = await browser.send(
        "/sign-up", first_name="Ada", last_name="Weber", email=EMAIL, type="INDIVIDUAL"
    )
    assert late.status_code == 404
    assert await office.mails() == []
