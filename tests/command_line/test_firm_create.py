from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line.conftest import Run, rows
from tests.deployments import PASSWORD
from tests.processes import SECRET_KEY, serving

GIVEN = {
    "--slug": "muster",
    "--name": "Muster & Töchter",
    "--locale": "de",
    "--owner-email": "eva@muster.test",
    "--owner-first-name": "Eva",
    "--owner-last-name": "Muster",
}
COUNTS = (
    "SELECT (SELECT count(*) FROM firms), (SELECT count(*) FROM members),"
    " (SELECT count(*) FROM counters)"
)


def words(**changes: str) -> list[str]:
    """The command's words, with some of them changed: `slug="a"` for `--slug a`."""
    named = {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
    pairs = {**GIVEN, **named}.items()
    return ["firm", "create", *(word for pair in pairs for word in pair), "--owner-password-stdin"]


async def test_a_firm_is_created_and_its_owner_signs_in(
    run: Run, migrated_url: str, tmp_path: Path
) -> None:
    settings = {"MANDANT_DATABASE_URL": migrated_url, "MANDANT_SECRET_KEYS": SECRET_KEY}
    ended = run(*words(), given=f"{PASSWORD}\n", **settings)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("firm_")
    assert "muster: eva@muster.test can sign in." in ended.stdout
    assert PASSWORD not in ended.stdout + ended.stderr

    again = run(*words(), given=f"{PASSWORD}\n", **settings)
    assert again.returncode == 1
    assert again.stderr == "Error: slug: Another firm has this slug already. [TAKEN]\n"

    async with serving(migrated_url, tmp_path / "server") as server:
        (await server.sign_in("muster", "Eva@Muster.test")).payload()
        assert PASSWORD not in server.log


@pytest.mark.parametrize(
    ("changes", "password", "says"),
    [
        ({"slug": "Muster GmbH"}, PASSWORD, "slug: A slug is small letters"),
        ({"slug": "-"}, PASSWORD, "slug: A slug is small letters"),
        ({"name": "  "}, PASSWORD, "name: A firm needs a name."),
        ({"time_zone": "Europe/Kiel"}, PASSWORD, "time_zone: There is no such time zone."),
        ({"owner_email": "eva.muster.test"}, PASSWORD, "owner_email: "),
        ({"owner_first_name": " "}, PASSWORD, "owner_first_name: "),
        ({"owner_last_name": "x" * 300}, PASSWORD, "owner_last_name: "),
        ({}, "too short", "owner_password: "),
        ({}, "", "owner_password: "),
        ({}, "password1234567890", "owner_password: "),
        ({}, "Muster & Töchter eva", "owner_password: "),
        ({}, "x" * 129, "owner_password: "),
        ({}, b"\xff" * 20, "owner_password: "),
    ],
)
def test_a_bad_input_is_named_and_writes_nothing(
    run: Run, tmp_path: Path, changes: dict[str, str], password: str | bytes, says: str
) -> None:
    given = password if isinstance(password, bytes) else f"{password}\n"
    ended = run(*words(**changes), given=given)
    assert ended.returncode == 1, ended.stdout
    assert ended.stderr.startswith(f"Error: {says}"), ended.stderr
    assert "Traceback" not in ended.stderr
    if isinstance(password, str) and len(password) > 1:
        assert password not in ended.stderr
    if (tmp_path / "var/mandant.db").exists():
        assert rows(f"sqlite+aiosqlite:///{tmp_path}/var/mandant.db", COUNTS) == [(0, 0, 0)]


def test_several_bad_inputs_are_named_at_once(run: Run) -> None:
    ended = run(*words(slug="A", time_zone="Mars"), given=f"{PASSWORD}\n")
    assert ended.returncode == 1
    assert "slug: " in ended.stderr and "time_zone: " in ended.stderr


def test_the_password_is_not_taken_from_the_command(run: Run, tmp_path: Path) -> None:
    without = run(*words()[:-1], given=f"{PASSWORD}\n")
    assert without.returncode == 2
    assert "--owner-password-stdin" in without.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_an_unmigrated_postgresql_is_refused_with_the_command(run: Run, database_url: str) -> None:
    ended = run(*words(), given=f"{PASSWORD}\n", MANDANT_DATABASE_URL=database_url)
    assert ended.returncode == 1
    assert "Run `mandant migrate`." in ended.stderr
    assert rows(database_url, "SELECT to_regclass('firms')") == [(None,)]
