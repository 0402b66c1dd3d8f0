"""The audit trail of one session: what is written in it, as events for the same transaction.

The firm's session tells its trail of every row that a flush writes; a set-based statement is told
by whoever runs it (tenancy/recording.py). What becomes of one thing in a transaction is one
event, with what differs in the end, and all events are written by one statement at the commit.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.orm import LoaderCallableStatus
from sqlalchemy.orm.state import InstanceState

from models import AuditEvent, Base, Firm, FirmOwned
from models.base import Audited, AuditedIn, Unaudited
from models.ids import new_id
from models.spelling import camel
from tenancy.caller import Visit
from tenancy.storable import storable

Values = Mapping[str, Any]
"""What a row holds, by the names of its attributes."""


@dataclass
class _Part:
    """What a thing has many of: what went and what came."""

    gone: list[Any] = field(default_factory=list[Any])
    come: list[Any] = field(default_factory=list[Any])

    def told(self) -> list[list[Any]] | None:
        """Both lists without what is in each of them; None where nothing is left."""
        come = list(self.come)
        gone: list[Any] = []
        for value in self.gone:
            if value in come:
                come.remove(value)
            else:
                gone.append(value)
        return [gone, come] if gone or come else None


@dataclass
class _Entry:
    """What becomes of one thing in a transaction."""

    subject_id: str | None
    before: dict[str, Any] = field(default_factory=dict[str, Any])
    after: dict[str, Any] = field(default_factory=dict[str, Any])
    parts: dict[str, _Part] = field(default_factory=dict[str, _Part])
    was_there: bool = True
    is_there: bool = True

    def part(self, name: str) -> _Part:
        return self.parts.setdefault(name, _Part())

    def changes(self) -> dict[str, list[Any]]:
        """By attribute what was before and what is after; by part what went and what came."""
        values: dict[str, list[Any]] = {
            name: [self.before.get(name), self.after.get(name)]
            for name in dict.fromkeys((*self.before, *self.after))
            if self.before.get(name) != self.after.get(name)
        }
        return values | {
            name: told for name, part in self.parts.items() if (told := part.told()) is not None
        }

    def happened(self, audit: Audited, changes: Mapping[str, list[Any]]) -> str:
        """The second half of the action's name."""
        if not self.was_there:
            return audit.created
        if not self.is_there:
            return audit.deleted
        for name, words in audit.when.items():
            if name in changes:
                word = words.get(str(changes[name][1]), words.get("*"))
                if word is not None:
                    return word
        return audit.changed


@dataclass
class _Said:
    """An event that is no row's change."""

    action: str
    subject_id: str | None
    changes: dict[str, list[Any]] | None


class Trail:
    """What one session has to tell; *visit* says who acts, and from where."""

    def __init__(self, visit: Visit | None) -> None:
        caller = visit.caller if visit else None
        self.actor_id = (caller.member_id or caller.portal_user_id) if caller else None
        self.ip_address = visit.ip_address if visit else None
        self._entries: dict[str, _Entry | _Said] = {}

    def acts(self, actor_id: str) -> None:
        """Says who acts where nobody was signed in: whoever has just proven who they are."""
        self.actor_id = self.actor_id or actor_id

    def record(
        self,
        action: str,
        *,
        subject_id: str | None = None,
        changes: Mapping[str, Sequence[Any]] | None = None,
    ) -> None:
        """Tells what is no change of a row. *changes* holds pairs of before and after."""
        told = {name: [plain(each) for each in pair] for name, pair in (changes or {}).items()}
        self._entries[f"said {len(self._entries)}"] = _Said(action, subject_id, told or None)

    def wrote(
        self, table: type[Any], id: str, *, before: Values | None, after: Values | None
    ) -> None:
        """Tells of a row of *table*: what it held, and holds; None where it was, or is, not there.

        Of a row that is told by itself, what stays as it is may be left out of both. Of a part,
        both hold all that is told, and the column that says what it is a part of.
        """
        audit: Audited | AuditedIn | Unaudited = table.audit
        if isinstance(audit, AuditedIn):
            if before is not None:
                self._thing(before[audit.of]).part(audit.part).gone.append(_value(audit, before))
            if after is not None:
                self._thing(after[audit.of]).part(audit.part).come.append(_value(audit, after))
        elif isinstance(audit, Audited):
            self._tell(audit, id, before, after)

    def _tell(self, audit: Audited, id: str, before: Values | None, after: Values | None) -> None:
        entry = self._entries.get(id)
        if entry is None:
            held = {"id": id, **(before or {}), **(after or {})}
            named = (held.get(name) for name in audit.subject)
            entry = _Entry(next(filter(None, named), None), was_there=before is not None)
            self._entries[id] = entry
        assert isinstance(entry, _Entry)
        if before is None and not entry.before:
            # Its parts may have been told first.
            entry.was_there = False
        entry.is_there = after is not None
        for name in audit.fields:
            if before is not None and name in before:
                entry.before.setdefault(name, plain(before[name]))
            elif before is None:
                entry.before.setdefault(name, None)
            if after is None or name in after:
                entry.after[name] = plain(after[name]) if after is not None else None

    def _thing(self, id: str) -> _Entry:
        """The entry of the thing with this id, of which a part is told."""
        entry = self._entries.setdefault(id, _Entry(id))
        assert isinstance(entry, _Entry)
        return entry

    def clear(self) -> None:
        """Forgets what was rolled back."""
        self._entries.clear()

    def take(self, firm_id: str) -> list[dict[str, Any]]:
        """The rows of the events of *firm_id* that are to be written; none is told twice."""
        rows: list[dict[str, Any]] = []
        last: str | None = None
        now = datetime.now(UTC)
        for id, entry in self._entries.items():
            said = _told(id, entry)
            if said is None:
                continue
            last = new_id(AuditEvent.id_prefix, after=last)
            rows.append(
                {
                    "firm_id": firm_id,
                    "id": last,
                    "at": now,
                    "actor_id": self.actor_id,
                    "action": said.action,
                    "subject_id": said.subject_id,
                    "changes": said.changes,
                    "ip_address": self.ip_address,
                }
            )
        self._entries.clear()
        return rows


def _told(id: str, entry: _Entry | _Said) -> _Said | None:
    if isinstance(entry, _Said):
        return entry
    changes = entry.changes()
    if not changes:
        # Nothing is other than it was, or it came and went.
        return None
    audit = _things()[id.partition("_")[0]]
    action = f"{audit.noun}.{entry.happened(audit, changes)}"
    return _Said(action, entry.subject_id, {camel(name): told for name, told in changes.items()})


_declared: dict[str, Audited] = {}


def _things() -> Mapping[str, Audited]:
    """How each kind of thing is told, by the prefix of its ids."""
    if not _declared:
        for mapper in Base.registry.mappers:
            audit = getattr(mapper.class_, "audit", None)
            if isinstance(audit, Audited):
                _declared[mapper.class_.id_prefix] = audit
    return _declared


def _value(audit: AuditedIn, values: Values) -> Any:
    """What is told of a part: the value of its one field, or an object of several."""
    told = {
        # Digits after the point stay as they were written.
        name: json.loads(values[name], parse_float=str)
        if name in audit.documents
        else plain(values[name])
        for name in audit.fields
    }
    if len(told) == 1:
        return next(iter(told.values()))
    return {camel(name): value for name, value in told.items()}


def plain(value: Any) -> Any:
    """A value as the trail keeps it, which is JSON that both databases can hold."""
    if isinstance(value, str):
        return storable(str(value))
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        pairs: Iterator[tuple[str, Any]] = iter(value.items())  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportUnknownVariableType]
        return {name: plain(each) for name, each in pairs}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]  # pyright: ignore[reportUnknownVariableType]
    return value


def told_of(table: type[Any]) -> tuple[str, ...]:
    """The attributes of *table* that the trail needs, with those that say what it is about."""
    audit: Audited | AuditedIn | Unaudited = table.audit
    if isinstance(audit, Audited):
        return tuple(dict.fromkeys((*audit.subject, *audit.fields)))
    return (audit.of, *audit.fields) if isinstance(audit, AuditedIn) else ()


def tell_flush(
    trail: Trail,
    new: Iterable[FirmOwned | Firm],
    dirty: Iterable[FirmOwned | Firm],
    deleted: Iterable[FirmOwned | Firm],
) -> None:
    """Tells *trail* of the rows that a session is about to write."""
    for row in new:
        names = told_of(type(row))
        if names:
            trail.wrote(type(row), row.id, before=None, after=_held(row, names))
    for row in dirty:
        names = told_of(type(row))
        was = _changed(row, names)
        if was:
            now = _held(row, names)
            trail.wrote(type(row), row.id, before={**now, **was}, after=now)
    for row in deleted:
        names = told_of(type(row))
        if names:
            was = {**_held(row, names), **_changed(row, names)}
            trail.wrote(type(row), row.id, before=was, after=None)


def _held(row: FirmOwned | Firm, names: Sequence[str]) -> dict[str, Any]:
    return {name: row.__dict__.get(name) for name in names}


def _changed(row: FirmOwned | Firm, names: Sequence[str]) -> dict[str, Any]:
    """What those of the attributes *names* held that are other ones now."""
    state: InstanceState[Any] = row.__dict__["_sa_instance_state"]
    return {
        name: was
        for name, was in state.committed_state.items()
        # Without a value it is only marked, to be written as it is.
        if name in names and not isinstance(was, LoaderCallableStatus)
    }
