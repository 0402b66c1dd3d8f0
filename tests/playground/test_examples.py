"""Every example of the playground runs on the demo's data, with what it asks for filled in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from server import demo
from server.playground import examples
from server.settings import read_settings
from tests.deployments import SIGN_IN, Voice, running
from tests.processes import DEMO_FIRM

PASSWORD = "as printed by mandant demo"
# What is copied from the answer of an earlier tab, and where it stands there.
COPIED = {
    "the id of an account": ("accounts", "nodes", 0, "id"),
    "an id of possibleDuplicates": ("createContact", "possibleDuplicates", 0, "id"),
    "the id of the contact": ("createContact", "contact", "id"),
}


async def test_every_example_runs_on_the_demos_data(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told: list[str] = []
    await demo.prepare(
        read_settings({"MANDANT_DATABASE_URL": database_url}),
        echo=lambda text, **_: told.append(text),
        address="http://127.0.0.1:8000",
    )
    async with running(database_url, tmp_path) as deployed:
        for match in DEMO_FIRM.finditer(told[0]):
            firm = match.groupdict()
            for who in ("owner", "client"):
                given = {
                    "firm": firm["slug"],
                    "email": firm[who],
                    "password": firm[f"{who}_password"],
                }
                token = (await deployed.nobody.ask(SIGN_IN, input=given)).payload()["token"]
                await run_examples(Voice(deployed, token), who, told[0])
        letters = await deployed.mails_to("mia.brandt@example.com")
        assert len(letters) == 2


async def run_examples(voice: Voice, who: str, told: str) -> None:
    """Runs each one, in the order of the tabs; a client only what is a client's."""
    password = {match["slug"]: match["owner_password"] for match in DEMO_FIRM.finditer(told)}
    copied: dict[str, str] = {}
    for document in examples():
        if who == "client" and not {"query Viewer {", "mutation SignIn {"} & set(
            document.splitlines()
        ):
            continue
        answer = await voice.ask(_filled(document, {**copied, PASSWORD: password["harbour-tax"]}))
        for words, steps in COPIED.items():
            found: Any = answer.data
            if words not in copied and steps[0] in found:
                for step in steps:
                    found = found[step]
                copied[words] = found
        for name, found in answer.data.items():
            assert found, name
            if isinstance(found, dict):
                assert found.get("errors", []) == [], name
        if "query Find" in document:
            assert answer.data["accounts"]["nodes"] and answer.data["contacts"]["nodes"]
        if "notifyAccount" in answer.data:
            assert answer.data["notifyAccount"]["count"] >= 1
        if "sendInvitations" in answer.data:
            assert answer.data["sendInvitations"]["count"] == 1
        if "query Accounts" in document:
            assert answer.data["accounts"]["totalCount"] >= 100
            assert answer.data["pending"]["nodes"]
        if "query Viewer" in document:
            kind = "PortalUser" if who == "client" else "Member"
            assert answer.data["viewer"]["__typename"] == kind


def _filled(document: str, given: dict[str, str]) -> str:
    for words, found in given.items():
        document = document.replace(f'"{words}"', f'"{found}"')
    return document
