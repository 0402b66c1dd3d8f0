"""`migrate`, `serve` and `doctor`, with settings that are good and ones that are not."""

from __future__ import annotations

import asyncio
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.command_line.conftest import Run, rows
from tests.deployments import CREATE_ACCOUNT
from tests.processes import SECRET_KEY, Server, serving
from tests.reliability.conftest import contact

SECRET = "geheim123"


def test_migrate_runs_twice(run: Run, database_url: str) -> None:
    first, second = (run("migrate", MANDANT_DATABASE_URL=database_url) for _ in range(2))
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("The schema is at ")
    assert second.stdout == first.stdout
    assert rows(database_url, "SELECT count(*) FROM firms") == [(0,)]


def test_several_migrations_at_once_agree(run: Run, database_url: str) -> None:
    with ThreadPoolExecutor(3) as pool:
        ended = list(
            pool.map(lambda _: run("migrate", MANDANT_DATABASE_URL=database_url), range(3))
        )
    assert {(each.returncode, each.stderr) for each in ended} == {(0, "")}
    assert rows(database_url, "SELECT count(*) FROM alembic_version") == [(1,)]


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_serve_refuses_an_outdated_postgresql_and_names_the_command(
    run: Run, migrated_url: str
) -> None:
    rows(migrated_url, "UPDATE alembic_version SET version_num = '0000_older'")
    ended = run("serve", MANDANT_DATABASE_URL=migrated_url)
    assert ended.returncode == 1
    assert "The database's schema is at 0000_older" in ended.stderr
    assert "Run `mandant migrate`." in ended.stderr


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_serve_refuses_an_empty_postgresql_and_names_the_command(
    run: Run, database_url: str
) -> None:
    ended = run("serve", MANDANT_DATABASE_URL=database_url)
    assert ended.returncode == 1
    assert "The database's schema is at nothing" in ended.stderr
    assert "Run `mandant migrate`." in ended.stderr


class PlainServer(Server):
    """A server with no settings at all but those given to it."""

    @property
    def environment(self) -> dict[str, str]:
        return dict(self.settings)


async def test_serve_needs_nothing_but_a_folder_and_its_links_lead_to_it(tmp_path: Path) -> None:
    server = PlainServer("", tmp_path)
    try:
        await server.start()
        assert (await server.http.get("/healthz")).json() == {"status": "ok"}
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("var/*")}
        assert modes["secret.key"] == 0o600
        assert "mandant.db" in modes
        assert stat.S_IMODE((tmp_path / "var").stat().st_mode) == 0o700
        key = (tmp_path / "var/secret.key").read_text().strip()

        server.url = f"sqlite+aiosqlite:///{tmp_path}/var/mandant.db"
        server.settings = {"MANDANT_DATABASE_URL": server.url, "MANDANT_SECRET_KEYS": key}
        owner = await server.firm("plain")
        input = {"type": "INDIVIDUAL", "contacts": [contact("plain", invited=True)]}
        (await owner.ask(CREATE_ACCOUNT, input=input)).payload()
        async with asyncio.timeout(10):
            while not (mails := list(tmp_path.glob("var/mail/*.eml"))):
                await asyncio.sleep(0.05)
        assert f"http://127.0.0.1:{server.port}/p/plain/activate" in mails[0].read_text().replace(
            "=\n", ""
        )
        assert key not in server.log
        assert owner.token and owner.token not in server.log
        assert "token=" not in server.log
    finally:
        await server.http.aclose()
        server.kill()


def test_two_processes_that_start_at_once_agree_on_the_key(run: Run, tmp_path: Path) -> None:
    for _ in range(2):
        with ThreadPoolExecutor(3) as pool:
            ended = list(pool.map(lambda _: run("doctor"), range(3)))
        # The schema is missing, which the doctor minds; nothing else went wrong.
        assert {each.stderr for each in ended} == {""}
        files = list((tmp_path / "var").glob("secret.key*"))
        assert [path.name for path in files] == ["secret.key"]
        assert stat.S_IMODE(files[0].stat().st_mode) == 0o600
        assert len(files[0].read_text().strip()) >= 32
        files[0].unlink()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"MANDANT_DATABASE_URL": f"mysql://u:{SECRET}@host/x"}, "MANDANT_DATABASE_URL: "),
        ({"MANDANT_DATABASE_URL": SECRET}, "MANDANT_DATABASE_URL is an address such as "),
        ({"MANDANT_DATABASE_URL": "sqlite:///:memory:"}, "MANDANT_DATABASE_URL: SQLite needs"),
        (
            {"MANDANT_DATABASE_URL": f"postgresql://u:{SECRET}@127.0.0.1:1/x"},
            "Connect call failed",
        ),
        ({"MANDANT_MAIL_URL": f"smtp://u:{SECRET}@"}, "MANDANT_MAIL_URL: "),
        ({"MANDANT_MAIL_URL": f"http://u:{SECRET}@host"}, "MANDANT_MAIL_URL: "),
        ({"MANDANT_BASE_URL": f"ftp://u:{SECRET}@host"}, "MANDANT_BASE_URL is "),
        ({"MANDANT_BASE_URL": "https://host:port"}, "MANDANT_BASE_URL is "),
        ({"MANDANT_BASE_URL": ""}, "MANDANT_BASE_URL is "),
        ({"MANDANT_MAIL_FROM": "nobody"}, "MANDANT_MAIL_FROM is "),
        ({"MANDANT_SECRET_KEYS": SECRET}, "MANDANT_SECRET_KEYS holds "),
        ({"MANDANT_SECRET_KEYS": f"{SECRET_KEY},{SECRET}"}, "MANDANT_SECRET_KEYS holds "),
        ({"MANDANT_READ_CONNECTIONS": "many"}, "MANDANT_READ_CONNECTIONS is "),
        ({"MANDANT_WRITE_CONNECTIONS": "0"}, "MANDANT_WRITE_CONNECTIONS is "),
        ({"MANDANT_MAIL_WORKER": "perhaps"}, "MANDANT_MAIL_WORKER is "),
    ],
)
def test_a_bad_setting_is_named_and_not_repeated(
    run: Run, settings: dict[str, str], says: str
) -> None:
    ended = run("serve", **settings)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"Error: {says}"), ended.stderr
    assert ended.stderr.count("\n") == 1
    assert SECRET not in ended.stderr + ended.stdout


def test_a_file_that_is_no_database_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("This is no database, and longer than a header is. " * 9)
    ended = run("serve", MANDANT_DATABASE_URL="sqlite:///notes.txt")
    assert (ended.returncode, ended.stderr) == (
        1,
        "Error: The database refused: file is not a database\n",
    )


async def test_a_port_that_is_taken_is_named(run: Run, tmp_path: Path, migrated_url: str) -> None:
    async with serving(migrated_url, tmp_path / "server") as server:
        ended = await asyncio.to_thread(
            run, "serve", f"--port={server.port}", MANDANT_DATABASE_URL=migrated_url
        )
    assert ended.returncode != 0
    assert "address already in use" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_doctor_finds_nothing_wrong(run: Run, migrated_url: str) -> None:
    ended = run("doctor", MANDANT_DATABASE_URL=migrated_url, MANDANT_SECRET_KEYS=SECRET_KEY)
    assert ended.returncode == 0, ended.stdout
    lines = ended.stdout.splitlines()
    assert [line[:4] for line in lines] == ["ok  "] * len(lines)
    assert [line[5:].partition(":")[0] for line in lines] == [
        "database",
        "role",
        "mail",
        "address",
    ]


def test_the_doctor_changes_nothing(run: Run, database_url: str) -> None:
    ended = run("doctor", MANDANT_DATABASE_URL=database_url, MANDANT_SECRET_KEYS=SECRET_KEY)
    assert ended.returncode == 1
    assert "BAD  database: " in ended.stdout
    assert "mandant migrate" in ended.stdout
    parsed = make_url(database_url)
    if parsed.get_backend_name() == "sqlite":
        assert not Path(parsed.database or "").exists()


def test_the_doctor_names_what_is_wrong(run: Run, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("no folder")
    ended = run(
        "doctor",
        MANDANT_DATABASE_URL=f"postgresql://u:{SECRET}@127.0.0.1:1/x",
        MANDANT_MAIL_URL=f"file://{tmp_path}/taken/mail",
        MANDANT_BASE_URL="http://portal.example.com",
    )
    assert ended.returncode == 1
    assert [line[:4] for line in ended.stdout.splitlines()] == ["BAD "] * 4
    assert SECRET not in ended.stdout + ended.stderr
    ended = run("doctor", MANDANT_MAIL_URL=f"smtp://u:{SECRET}@127.0.0.1:1")
    assert "BAD  mail: " in ended.stdout
    assert SECRET not in ended.stdout + ended.stderr
