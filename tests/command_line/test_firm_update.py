from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line.conftest import Run, rows
from tests.command_line.test_firm_create import words
from tests.deployments import PASSWORD
from tests.processes import SECRET_KEY

FACE = "SELECT name, locale, accent_color, logo_digest, sign_up_enabled FROM firms"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


@pytest.fixture
def settings(run: Run, tmp_path: Path) -> dict[str, str]:
    """A database with the firm `muster`."""
    given = {
        "MANDANT_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/mandant.db",
        "MANDANT_SECRET_KEYS": SECRET_KEY,
    }
    assert run(*words(), given=f"{PASSWORD}\n", **given).returncode == 0
    return given


def test_a_firm_gets_a_face(run: Run, tmp_path: Path, settings: dict[str, str]) -> None:
    logo = tmp_path / "logo"
    logo.write_bytes(PNG)
    update = ["firm", "update", "--slug", "muster"]
    done = run(*update, "--colour", "#1E4F92", "--logo", str(logo), "--sign-up", **settings)
    assert done.returncode == 0, done.stderr
    assert "muster: accent_color, logo, sign_up_enabled changed." in done.stdout
    ((name, locale, colour, digest, sign_up),) = rows(settings["MANDANT_DATABASE_URL"], FACE)
    assert (name, locale, colour, sign_up) == ("Muster & Töchter", "DE", "#1e4f92", 1)
    assert digest
    done = run(
        *update,
        "--colour",
        "",
        "--no-logo",
        "--no-sign-up",
        "--name",
        "Muster",
        "--locale=en",
        **settings,
    )
    assert done.returncode == 0, done.stderr
    assert rows(settings["MANDANT_DATABASE_URL"], FACE) == [("Muster", "EN", None, None, 0)]


def test_what_is_wrong_is_named_and_nothing_is_written(
    run: Run, tmp_path: Path, settings: dict[str, str]
) -> None:
    before = rows(settings["MANDANT_DATABASE_URL"], FACE)
    picture = tmp_path / "logo.png"
    picture.write_text("<svg onload='alert(1)'/>")
    for given, says in (
        (["--slug", "muster", "--colour", "red"], "accent_color: A colour is written like"),
        (["--slug", "muster", "--logo", str(picture)], "logo: A logo is a PNG, JPEG or WebP"),
        (["--slug", "muster", "--logo", "nowhere.png"], "No such file"),
        (["--slug", "muster", "--time-zone", "Mars/Base"], "time_zone: There is no such"),
        (["--slug", "nobody", "--sign-up"], "slug: There is no firm with this slug."),
        (["--slug", "muster"], "Nothing to change was given."),
    ):
        ended = run("firm", "update", *given, **settings)
        assert ended.returncode != 0
        assert says in ended.stderr, ended.stderr
    assert rows(settings["MANDANT_DATABASE_URL"], FACE) == before
