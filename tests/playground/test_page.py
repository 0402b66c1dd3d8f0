"""Who opens /graphql with a browser gets the playground; nobody else notices it."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

from tests.deployments import BASE_URL, Deployed, Firm, running

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
QUERY = "{ firm { name } }"
POLICY = (
    r"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-([\w-]{24})'; "
    r"img-src 'self' data:; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; "
    r"base-uri 'none'"
)
ACTIVATED = """
{ notifications { nodes { url } } }
"""


BROWSERS = [
    BROWSER,
    "text/html",
    "Text/HTML;q=0.9, */*;q=0.8",
    "text/html, application/json",
    "text/html, application/graphql-response+json;q=0.9",
]
PROGRAMS = [
    "",
    "*/*",
    "application/json",
    "application/graphql-response+json, application/json;q=0.9",
    "application/json, text/html;q=0.9",
    "text/html;q=0",
    "text/*",
    "application/xhtml+xml, */*",
]


async def test_a_browser_that_opens_the_address_gets_the_page(deployed: Deployed) -> None:
    for accept in BROWSERS:
        for parameters in ({}, {"query": QUERY}, {"query": "mutation { no }"}):
            page = await deployed.http.get(
                "/graphql", params=parameters, headers={"Accept": accept}
            )
            assert page.status_code == 200, accept
            assert page.headers["content-type"] == "text/html; charset=utf-8"
            assert '<main id="playground"' in page.text
            assert QUERY not in page.text


async def test_a_program_gets_what_it_always_got(deployed: Deployed) -> None:
    for accept in PROGRAMS:
        for parameters in ({"query": "{ viewer { __typename } }"}, {}):
            answer = await deployed.http.get(
                "/graphql", params=parameters, headers={"Accept": accept}
            )
            assert "html" not in answer.headers["content-type"], accept
            assert "data" in answer.json() or "errors" in answer.json()


async def test_only_a_get_opens_it(deployed: Deployed) -> None:
    headers = {"Accept": BROWSER}
    answer = await deployed.http.post("/graphql", json={"query": QUERY}, headers=headers)
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    for method in ("HEAD", "PUT", "OPTIONS"):
        answer = await deployed.http.request(method, "/graphql", headers=headers)
        assert answer.status_code == 405


async def test_a_link_from_anywhere_runs_nothing(firm: Firm) -> None:
    account = await firm.account()
    link = {"query": f'{{ account(id: "{account["id"]}") {{ name }} }}'}
    for site in ("cross-site", "same-site", "none", "same-origin"):
        headers = {"Cookie": f"__Host-mandant={firm.owner.token}", "Sec-Fetch-Site": site}
        page = await firm.deployed.http.get(
            "/graphql",
            params=link,
            headers=headers | {"Accept": BROWSER, "Sec-Fetch-Mode": "navigate"},
        )
        assert page.status_code == 200
        for told in (account["id"], account["name"], firm.owner.token or "", firm.slug):
            assert told not in page.text
        # The same without HTML is as strict as ever.
        answer = await firm.deployed.http.get("/graphql", params=link, headers=headers)
        assert answer.status_code == (403 if site in ("cross-site", "same-site") else 200)


async def test_the_page_runs_scripts_from_our_files_alone(deployed: Deployed) -> None:
    nonces: set[str] = set()
    for _ in range(2):
        page = await deployed.http.get("/graphql", headers={"Accept": BROWSER})
        policy = re.fullmatch(POLICY, page.headers["content-security-policy"])
        assert policy
        nonces.add(policy[1])
        assert f'nonce="{policy[1]}"' in page.text
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["vary"] == "Accept"
        assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", page.text)
    assert len(nonces) == 2
    addresses = re.findall(r'(?:src|href)="([^"]*)"', page.text)
    assert all(address.startswith("/graphql/static/") for address in set(addresses) - {"data:,"})


async def test_its_files_may_be_kept_until_they_change(deployed: Deployed) -> None:
    page = await deployed.http.get("/graphql", headers={"Accept": BROWSER})
    addresses = re.findall(r'"(/graphql/static/[^"]*)"', page.text)
    assert len(addresses) == 4
    for address in addresses:
        assert re.search(r"\?v=[0-9a-f]{12}$", address)
        file = await deployed.http.get(address)
        assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
        kind = "css" if ".css?" in address else "javascript"
        assert file.headers["content-type"] == f"text/{kind}; charset=utf-8"
    for name in ("nothing.js", "vendor", "..%2f..%2fapp.py", "package.json", "README.md"):
        assert (await deployed.http.get(f"/graphql/static/{name}")).status_code == 404


async def test_nothing_in_its_files_leads_elsewhere(deployed: Deployed) -> None:
    for name in ("graphiql.min.css", "playground.css"):
        style = (await deployed.http.get(f"/graphql/static/{name}")).text
        assert not re.search(r"@import|url\((?!\"?data:)", style)
    licences = (await deployed.http.get("/graphql/static/LICENSES.txt")).text
    for package in ("graphiql 3.8.3: MIT", "react 18.3.1: MIT", "codemirror 5."):
        assert package in licences


async def test_a_notification_of_an_account_leads_to_its_query(firm: Firm) -> None:
    await firm.client(account := await firm.account(invited=True))
    [told] = (await firm.owner.ask(ACTIVATED)).data["notifications"]["nodes"]
    answer = await firm.deployed.http.get(told["url"], headers={"Accept": BROWSER})
    assert answer.status_code == 303
    place = answer.headers["location"]
    page = await firm.deployed.http.get(place, headers={"Accept": BROWSER})
    assert '<main id="playground"' in page.text
    answer = await firm.deployed.http.get(
        place, headers={"Authorization": f"Bearer {firm.owner.token}"}
    )
    assert answer.json()["data"]["account"]["number"] == account["number"]
    for wrong in ('x"}', "%22", "ä"):
        assert (await firm.deployed.http.get(f"/accounts/{wrong}")).status_code == 404


async def test_below_a_path_every_address_begins_with_it(migrated_url: str, tmp_path: Path) -> None:
    async with running(migrated_url, tmp_path, base_url=f"{BASE_URL}/office") as deployed:
        page = await deployed.http.get("/graphql", headers={"Accept": BROWSER})
        assert 'data-endpoint="/office/graphql"' in page.text
        assert page.text.count('"/office/graphql/static/') == 4
        moved = await deployed.http.get("/accounts/acct_1")
        assert moved.headers["location"].startswith("/office/graphql?query=")


async def test_it_opens_with_the_examples(deployed: Deployed) -> None:
    page = await deployed.http.get("/graphql", headers={"Accept": BROWSER})
    found = re.findall(r'data-examples="([^"]*)"', page.text)
    examples = json.loads(unescape(found[0]))
    names = [re.findall(r"^(?:query|mutation) (\w+)", text, re.MULTILINE) for text in examples]
    assert names[0] == ["Accounts"]
    assert all(len(each) == 1 for each in names)
    # As many characters as GraphiQL shows on a small screen.
    assert max(len(line) for text in examples for line in text.splitlines()) <= 100


async def test_switched_off_it_is_not_there(migrated_url: str, tmp_path: Path) -> None:
    async with running(migrated_url, tmp_path, playground=False) as deployed:
        headers = {"Accept": BROWSER}
        answer = await deployed.http.get("/graphql", headers=headers)
        assert answer.status_code == 400
        assert "html" not in answer.headers["content-type"]
        answer = await deployed.http.get("/graphql", params={"query": QUERY}, headers=headers)
        assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert (await deployed.http.get("/graphql/static/playground.js")).status_code == 404
        answer = await deployed.http.get("/accounts/acct_1", headers=headers)
        assert (answer.status_code, answer.text) == (
            404,
            "This deployment shows accounts by its API alone.\n",
        )
