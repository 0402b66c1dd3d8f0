"""What the portal's pages start from: the firm's face, and who else is signed in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Dialect, Text, bindparam, func, select
from sqlalchemy.orm import aliased

from auth.permissions import public
from models import Firm
from models.enums import Locale
from resolvers.sessions import SignedIn
from resolvers.unit import Unit
from tenancy.caller import Caller
from tenancy.database import Statement
from tenancy.reading import by_slug, in_drivers_form, values_of


@dataclass(frozen=True)
class Face:
    """A firm as everybody sees it who comes to its portal."""

    id: str
    slug: str
    name: str
    locale: Locale
    time_zone: str
    sign_up_enabled: bool
    accent_color: str | None
    logo_path: str | None


_compiled: dict[str, Any] = {}


def face_statement(dialect: Dialect, slug: str) -> Statement:
    """The statement that finds the face of the firm with the slug *slug*; see `face_of`."""
    if dialect.name not in _compiled:
        firm = aliased(Firm)
        row = func.json_build_array if dialect.name == "postgresql" else func.json_array
        face = row(
            firm.id,
            firm.slug,
            firm.name,
            firm.locale,
            firm.time_zone,
            firm.sign_up_enabled,
            firm.accent_color,
            firm.logo_path,
        )
        asked = bindparam("slug", type_=Text())
        statement = select(by_slug(face, firm, asked, dialect))
        _compiled[dialect.name] = in_drivers_form(statement, dialect)
    sql, parameters = _compiled[dialect.name]
    return sql, values_of(parameters, {"slug": slug})


def face_of(found: str | None) -> Face | None:
    """The face, from what the statement gave; None where there is no such firm."""
    if found is None:
        return None
    row = orjson.loads(found)
    id, slug, name, locale, time_zone, sign_up_enabled, accent_color, logo_path = row
    return Face(
        id,
        slug,
        name,
        Locale(locale),
        time_zone,
        bool(sign_up_enabled),
        accent_color,
        logo_path,
    )


@public
async def look_at_logo(unit: Unit, *, firm: str) -> bytes | None:
    """The logo of the firm with the slug *firm*; None where it has none."""
    if await unit.enter_by_slug(firm) is None:
        return None
    return await unit.session.scalar(select(Firm.logo))


def beside(caller: Caller | None) -> Callable[[Unit, SignedIn], Awaitable[SignedIn | None]]:
    """An *answer* for what signs somebody in, in a browser where *caller* may be signed in.

    Somebody else who is signed in stays so: the fresh session is taken back, and the answer
    is None.
    """

    async def answer(unit: Unit, fresh: SignedIn) -> SignedIn | None:
        if caller is None or fresh.viewer.id in (caller.member_id, caller.portal_user_id):
            return fresh
        await unit.session.delete(fresh.session)
        return None

    return answer
