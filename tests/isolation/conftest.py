"""The twins, once for a module on each database, and with one of the two walls alone."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import true
from sqlalchemy.orm import with_loader_criteria

import planner.connections
import planner.draft
import planner.joins
import planner.plans
import planner.roots
import tenancy.session
from tests.databases import Databases
from tests.deployments import Deployed, running
from tests.isolation.twins import Twin, twins

POLICIES_ALONE = "postgresql-policies-alone"


def everywhere(entity: Any, *, limited: bool = False) -> Any:
    """In place of `tenancy.scope.within`: no condition of the firm at all."""
    assert not limited
    seen = getattr(entity, "seen_by_caller", None)
    return true() if seen is None else seen


@contextmanager
def policies_alone() -> Iterator[None]:
    """The application adds no condition: what is left is PostgreSQL's row-level security."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (planner.connections, planner.draft, planner.joins, planner.roots):
            if hasattr(module, "within"):
                patch.setattr(module, "within", everywhere)
        patch.setattr(planner.plans, "all_within", lambda statement: statement)
        patch.setattr(tenancy.session, "with_loader_criteria", without_criteria)
        yield


def without_criteria(entity: Any, _: Any, **options: Any) -> Any:
    """In place of what adds the firm's condition to each statement of a session."""
    return with_loader_criteria(entity, lambda table: true(), **options)


@pytest.fixture(scope="module", params=["sqlite", "postgresql", POLICIES_ALONE])
def walls(request: pytest.FixtureRequest) -> str:
    """Which database, and which of the walls between firms stand."""
    return request.param


@pytest.fixture(scope="module")
def walled_url(walls: str, databases: Databases) -> Iterator[str]:
    url = databases.create(walls.partition("-")[0], migrated=True)
    yield url
    databases.drop(url)


@pytest.fixture(scope="module")
async def pair(
    walls: str, walled_url: str, tmp_path_factory: pytest.TempPathFactory, anyio_backend: str
) -> AsyncGenerator[tuple[Twin, Twin]]:
    """Two firms with the same names; tests must leave them as they are."""
    async with running(walled_url, tmp_path_factory.mktemp("twins")) as deployed:
        yield await twins(deployed)


@pytest.fixture(autouse=True)
def standing_walls(request: pytest.FixtureRequest) -> Iterator[None]:
    """Takes the application's wall down for the tests that ask for the other one alone."""
    if "walls" in request.fixturenames and request.getfixturevalue("walls") == POLICIES_ALONE:
        with policies_alone():
            yield
    else:
        yield


@pytest.fixture
async def fresh(deployed: Deployed) -> tuple[Twin, Twin]:
    """Twins of the test's own, to do with as it likes."""
    return await twins(deployed)
