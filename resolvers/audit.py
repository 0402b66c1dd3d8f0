"""The audit trail, as it is read: which events a filter finds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement

from models import AuditEvent
from models.base import Key, Timestamp
from planner import Arguments

ORDERS = {"AT": ()}
"""An event's id is made when it is written, so that the order of ids is that of time."""

_SLOW = timedelta(minutes=1)
"""So much later than its moment an event may get its id, at the most."""


def events_matching(event: Any, arguments: Arguments) -> Iterator[ColumnElement[bool]]:
    """The conditions of `subjectId`, and of an AuditFilter in the argument `filter`."""
    if arguments.given("subjectId"):
        yield event.subject_id == arguments.bind("subjectId")
    given = arguments.object("filter")
    if given is None:
        return
    if given.given("actorId"):
        yield event.actor_id == given.bind("actorId")
    if given.given("subjectIds"):
        yield given.any_of("subjectIds", event.subject_id)
    if given.given("actions"):
        yield given.any_of("actions", event.action)
    at = given.object("at")
    # By the id as well, which an index leads to.
    if at is not None and at.given("from"):
        yield event.at >= at.bind("from", None, Timestamp())
        yield event.id >= at.bind("from", _first_id, Key)
    if at is not None and at.given("until"):
        yield event.at < at.bind("until", None, Timestamp())
        yield event.id < at.bind("until", lambda until: _first_id(until + _SLOW), Key)


def _first_id(moment: datetime) -> str:
    """What no id is smaller than that is made at *moment*, or later."""
    milliseconds = max(0, int(moment.timestamp() * 1000))
    return f"{AuditEvent.id_prefix}_{milliseconds:012x}"
