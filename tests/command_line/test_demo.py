"""`mandant demo`: an empty folder becomes two firms, and what it prints can be used as it is."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path
from typing import Any

from tests.command_line.conftest import Run, rows
from tests.deployments import ACTIVATE, PASSWORD, SIGN_IN, Voice
from tests.processes import DEMO_FIRM, DemoServer, Server, free_port

PENDING = "{ accounts(filter: {portalStatus: [PENDING]}) { totalCount } }"
VIEWER = """
{ viewer { __typename ... on PortalUser { accounts { id } } } }
"""
SHARED = """
SELECT count(*) FROM (
  SELECT 1 FROM account_contacts GROUP BY firm_id, contact_id HAVING count(*) = 3
) AS shared
"""
COUPLES = """
SELECT count(*) FROM (
  SELECT 1 FROM account_contacts entry
  JOIN contacts ON contacts.firm_id = entry.firm_id AND contacts.id = entry.contact_id
  GROUP BY entry.firm_id, entry.account_id, contacts.email HAVING count(*) = 2
) AS couples
"""
TWINS = """
SELECT count(*) FROM contacts twin WHERE NOT EXISTS (
  SELECT 1 FROM account_contacts e WHERE e.firm_id = twin.firm_id AND e.contact_id = twin.id
)
"""
ASSIGNED = "SELECT count(*) FROM account_assignees"
INVITATIONS = "SELECT state, count(*) FROM invitations GROUP BY state"
TYPES = "SELECT type, count(*) FROM accounts GROUP BY type ORDER BY type"
# How many accounts and contacts carry each tag, in either firm.
TAGGED = """
SELECT tags.name, firms.locale,
  (SELECT count(*) FROM account_tags t WHERE t.firm_id = tags.firm_id AND t.tag_id = tags.id),
  (SELECT count(*) FROM contact_tags t WHERE t.firm_id = tags.firm_id AND t.tag_id = tags.id)
FROM tags JOIN firms ON firms.id = tags.firm_id ORDER BY tags.name
"""


def check_data(url: str) -> None:
    """What the demo promises to hold."""
    assert rows(url, "SELECT count(*) FROM firms") == [(2,)]
    assert rows(url, "SELECT count(*) FROM members") == [(6,)]
    assert dict(rows(url, TYPES))["COMPANY"] > 2  # type: ignore[call-overload]
    [(accounts,)] = rows(url, "SELECT count(*) FROM accounts")
    assert 190 <= accounts <= 210  # type: ignore[operator]
    assert rows(url, SHARED) == [(2,)]
    assert rows(url, COUPLES) == [(2,)]
    assert rows(url, TWINS) == [(2,)]
    assert rows(url, ASSIGNED) == [(10,)]
    states = dict(rows(url, INVITATIONS))  # type: ignore[arg-type]
    assert states["PENDING"] > 10
    assert states["ACCEPTED"] > 10
    tagged = {name: (locale, on, at) for name, locale, on, at in rows(url, TAGGED)}
    assert len(tagged) == 10
    assert tagged["Einkommensteuer"][0] == "DE" and tagged["Bookkeeping"][0] == "EN"
    assert all(on + at > 5 for _, on, at in tagged.values())  # type: ignore[operator]


async def test_the_demo_is_there_and_what_it_prints_can_be_used(tmp_path: Path) -> None:
    server = DemoServer("", tmp_path, command=("demo",))
    try:
        await server.start()
        printed = (tmp_path / "log").read_text()
        await asyncio.to_thread(check_data, f"sqlite+aiosqlite:///{tmp_path}/var/mandant.db")
        found = [match.groupdict() for match in DEMO_FIRM.finditer(printed)]
        assert [firm["slug"] for firm in found] == ["kanzlei-nord", "harbour-tax"]
        assert f"The API: {server.address}/graphql" in printed
        for address in (f"{server.address}/graphql", f"{server.address}/mails"):
            assert address in printed
            page = await server.http.get(address, headers={"Accept": "text/html"})
            assert page.headers["content-type"].startswith("text/html")
        for firm in found:
            await check_firm(server, firm)
        log = printed[printed.index("The API: ") :]
        for firm in found:
            assert firm["owner_password"] not in log
            assert firm["link"].partition("token=")[2] not in log
    finally:
        await server.http.aclose()
        server.kill()


async def check_firm(server: Server, firm: dict[str, str]) -> None:
    """The sign-ins, the link, the portal and the curl, as they were printed."""
    tokens: dict[str, str] = {}
    for who in ("owner", "employee", "client"):
        given = {
            "firm": firm["slug"],
            "email": firm[who],
            "password": firm[f"{who}_password"],
        }
        tokens[who] = (await server.nobody.ask(SIGN_IN, input=given)).payload()["token"]
    client = Voice(server, tokens["client"])  # type: ignore[arg-type]
    viewer = (await client.ask(VIEWER)).data["viewer"]
    assert viewer["__typename"] == "PortalUser"
    assert len(viewer["accounts"]) == 3
    owner = Voice(server, tokens["owner"])  # type: ignore[arg-type]
    assert (await owner.ask(PENDING)).data["accounts"]["totalCount"] > 5

    assert firm["portal"].startswith(server.address)
    assert (await server.http.get(firm["portal"], follow_redirects=True)).status_code == 200
    assert (await server.http.get(firm["link"])).status_code == 200
    token = firm["link"].partition("?token=")[2]
    activated = await server.nobody.ask(ACTIVATE, input={"token": token, "password": PASSWORD})
    activated.payload()

    pasted = await asyncio.to_thread(
        subprocess.run, ["bash", "-c", firm["curl"]], capture_output=True, timeout=20, check=False
    )
    assert pasted.returncode == 0, pasted.stderr
    answer: dict[str, Any] = json.loads(pasted.stdout)
    assert "errors" not in answer
    assert len(answer["data"]["accounts"]["nodes"]) == 3


def test_the_demo_again_changes_nothing_and_prints_the_same(
    run: Run, database_url: str, tmp_path: Path
) -> None:
    port = f"--port={free_port()}"
    first = run("demo", "--no-serve", port, MANDANT_DATABASE_URL=database_url)
    assert first.returncode == 0, first.stderr
    check_data(database_url)
    before = rows(database_url, "SELECT id, updated_at FROM accounts ORDER BY id")
    second = run("demo", "--no-serve", port, MANDANT_DATABASE_URL=database_url)
    assert second.returncode == 0, second.stderr
    assert second.stdout == first.stdout
    assert rows(database_url, "SELECT id, updated_at FROM accounts ORDER BY id") == before

    # On another port, the same with that port in the addresses.
    other = run("demo", "--no-serve", "--port=1234", MANDANT_DATABASE_URL=database_url)
    assert other.stdout == first.stdout.replace(port.removeprefix("--port="), "1234")

    told = tmp_path / "var/demo.txt"
    assert told.stat().st_mode & 0o777 == 0o600
    told.unlink()
    lost = run("demo", "--no-serve", MANDANT_DATABASE_URL=database_url)
    assert lost.returncode == 1
    assert lost.stderr.startswith("Error: The database holds the demo's firms")
