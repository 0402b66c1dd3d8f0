"""The locked profile: no playground, no introspection, no GET; and every audit but those five."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from server.settings import BadSetting, Profile, read_settings
from tests.deployments import running
from tests.processes import serving
from tests.protocol.conftest import audits_folder
from tests.protocol.test_audits import failed

__all__ = ["audits_folder"]

NEED_GET = {"5A70", "D6D5", "6A70"}
NEED_INTROSPECTION = {"2EA1", "28B9"}
KEYS = {"MANDANT_SECRET_KEYS": "k" * 32}


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_locked_it_meets_every_audit_that_needs_neither_get_nor_introspection(
    migrated_url: str, tmp_path: Path, audits_folder: Path
) -> None:
    async with serving(migrated_url, tmp_path / "server", MANDANT_PROFILE="locked") as server:
        found = await asyncio.to_thread(failed, f"{server.address}/graphql", audits_folder)
    assert {audit["id"] for audit in found} == NEED_GET | NEED_INTROSPECTION


async def test_locked_it_tells_nothing_of_itself(migrated_url: str, tmp_path: Path) -> None:
    settings = read_settings(KEYS | {"MANDANT_PROFILE": "locked"})
    async with running(
        migrated_url, tmp_path, profile=settings.profile, playground=settings.playground
    ) as deployed:
        firm = await deployed.firm()
        for document in (
            "{ __schema { queryType { name } } }",
            '{ __type(name: "Query") { name } }',
            "query Q { ...F } fragment F on Query { s: __schema { types { name } } }",
        ):
            answer = await firm.owner.ask(document)
            assert set(answer.codes) == {"BAD_REQUEST"}
            assert "data" not in answer.body
        assert (await firm.owner.ask("{ __typename firm { slug } }")).data["firm"]["slug"]
        for accept in ("text/html", "application/json", "*/*"):
            for parameters in ({}, {"query": "{ __typename }"}):
                answer = await deployed.http.get(
                    "/graphql", params=parameters, headers={"Accept": accept}
                )
                assert answer.status_code == 405
                assert answer.headers["allow"] == "POST"
                assert answer.json()["errors"][0]["message"] == "Use POST."


def test_the_profile_and_the_playground_are_set_by_name(tmp_path: Path) -> None:
    assert read_settings(KEYS).profile is Profile.PUBLIC
    assert read_settings(KEYS).playground
    assert not read_settings(KEYS | {"MANDANT_PLAYGROUND": "off"}).playground
    assert not read_settings(KEYS | {"MANDANT_PROFILE": "locked"}).playground
    with pytest.raises(BadSetting, match="`public` or `locked`"):
        read_settings(KEYS | {"MANDANT_PROFILE": "secret"})
    trusted = tmp_path / "documents.json"
    trusted.write_text("{}")
    for closed in (
        {"MANDANT_PROFILE": "locked"},
        {"MANDANT_TRUSTED_DOCUMENTS": str(trusted)},
    ):
        assert not read_settings(KEYS | closed).playground
        with pytest.raises(BadSetting, match="MANDANT_PLAYGROUND=on goes neither"):
            read_settings(KEYS | closed | {"MANDANT_PLAYGROUND": "on"})
