"""Texts that a database cannot hold: nothing is found by them, and nothing fails for them.

PostgreSQL has no U+0000 in texts, and UTF-8 no half of a surrogate pair. Where such a text is
kept it is refused before (`resolvers.texts`); where it is only looked for (an id, a slug, a
search) it is made into one that stands nowhere.
"""

from __future__ import annotations

import re
from typing import Any, cast

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(value: Any) -> Any:
    """*value*, or all values in it; what no text can hold becomes U+FFFD."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value).items()
        return {name: storable(each) for name, each in pairs}
    if isinstance(value, (list, tuple)):
        values = cast("list[Any]", value)
        return type(values)(storable(each) for each in values)
    return value


def send_storable(engine: AsyncEngine) -> None:
    """Passes the parameters of every statement of *engine* through `storable`."""

    def on_execute(
        _: Any, __: Any, statement: str, parameters: Any, ___: Any, ____: bool
    ) -> tuple[str, Any]:
        return statement, storable(parameters)

    event.listen(engine.sync_engine, "before_cursor_execute", on_execute, retval=True)
