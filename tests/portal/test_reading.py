"""Pages that only show something are cheap, and wait for nobody who writes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest
from sqlalchemy import event, text
from starlette.applications import Starlette

from tests.portal.conftest import Browser
from tests.portal.offices import PASSWORD, Office

pytestmark = pytest.mark.anyio
EMAIL = "ada@example.org"
INSIDE = ("/accounts", "/accounts/{id}", "/sessions", "/password", "/language")


@pytest.fixture
async def client(office: Office, browser: Browser) -> tuple[Browser, str]:
    """A browser in which Ada is signed in, and her account's id."""
    account = await office.add_account(EMAIL, name="Weber, Ada")
    await browser.open(await office.link("activate"))
    await browser.send("/activate", password=PASSWORD)
    return browser, account.id


@pytest.fixture
def round_trips(app: Starlette, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every statement that the application sends from now on, and every unit that it begins."""
    database = app.state.deployment.database
    seen: list[str] = []
    fetch_rows = type(database).fetch_rows

    async def noting(self: object, sql: str, parameters: object) -> object:
        seen.append(sql)
        return await fetch_rows(self, sql, parameters)

    monkeypatch.setattr(type(database), "fetch_rows", noting)
    events = [
        (database.write_engine.sync_engine, "begin", lambda _: seen.append("BEGIN")),
        (
            database.write_engine.sync_engine,
            "before_cursor_execute",
            lambda *given: seen.append(given[2]),
        ),
    ]
    for engine, name, note in events:
        event.listen(engine, name, note)
    yield seen
    for engine, name, note in events:
        event.remove(engine, name, note)


async def test_a_page_takes_two_round_trips_at_most_and_no_unit_of_work(
    client: tuple[Browser, str], round_trips: list[str]
) -> None:
    browser, id = client
    for path in INSIDE:
        round_trips.clear()
        page = await browser.http.get(f"/p/huber{path.format(id=id)}")
        assert page.status_code == 200
        assert len(round_trips) == 2, (path, round_trips)
    browser.http.cookies.clear()
    for path in ("", "/forgotten", "/sent"):
        round_trips.clear()
        assert (await browser.http.get(f"/p/huber{path}")).status_code == 200
        assert len(round_trips) == 1, (path, round_trips)


async def test_pages_are_shown_while_somebody_writes(
    client: tuple[Browser, str],
    office: Office,
    open_office: Callable[..., Awaitable[Office]],
    app: Starlette,
) -> None:
    browser, id = client
    await office.add_account("bert@example.org", name="Kranz, Bert")
    link = await office.link("activate")
    paths = [*(f"/p/huber{path.format(id=id)}" for path in INSIDE), link, "/p/huber/forgotten"]
    async with app.state.deployment.database.write_engine.begin() as writing:
        await writing.execute(text("UPDATE throttles SET count = count"))
        async with asyncio.timeout(8):
            for path in paths:
                assert (await browser.http.get(path)).status_code == 200
