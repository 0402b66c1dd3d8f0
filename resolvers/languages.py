"""The language that somebody is spoken to in."""

from __future__ import annotations

from auth.permissions import signed_in
from models.enums import Locale
from resolvers.people import Person, caller_of
from resolvers.unit import Unit


@signed_in
async def change_language(unit: Unit, *, locale: Locale) -> Person:
    """From now on pages, answers and mails speak it to the caller."""
    person = await caller_of(unit)
    person.locale = locale
    return person
