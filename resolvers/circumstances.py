"""Circumstances: what a new account or contact meets in its firm, found out by one statement.

Most firms have no custom fields and most new addresses are new; then there is nothing more to
look for. Where there is something, whoever needs it reads it, and locks it where it has to.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Text, bindparam, select
from sqlalchemy.orm import aliased

from models import ContactAddress, CustomField, Firm, FolderTemplate, PortalUser
from models.enums import CustomFieldTarget, Locale
from models.existence import there_is
from resolvers.unit import Unit
from tenancy.reading import Lookup
from tenancy.scope import within


@dataclass(frozen=True)
class Circumstances:
    """Of a firm, and of an address in it."""

    locale: Locale
    default_template_id: str | None
    with_custom_fields: frozenset[CustomFieldTarget]
    is_known: bool
    """Whether a contact has the address."""
    has_password: bool
    """Whether somebody signs in with the address already."""


_address, _user = aliased(ContactAddress), aliased(PortalUser)
_template = aliased(FolderTemplate)
_fields = {target: aliased(CustomField) for target in CustomFieldTarget}
_EMAIL_KEY = bindparam("email_key", type_=Text())
_look = Lookup(
    select(
        Firm.locale,
        select(_template.id)
        .where(_template.firm_id == Firm.id, _template.is_default)
        .scalar_subquery()
        .label("template"),
        there_is(
            _address, where=(_address.firm_id == Firm.id, _address.email_key == _EMAIL_KEY)
        ).label("is_known"),
        there_is(
            _user,
            where=(
                _user.firm_id == Firm.id,
                _user.email_key == _EMAIL_KEY,
                _user.password_hash.is_not(None),
            ),
        ).label("has_password"),
        *(
            there_is(field, where=(field.firm_id == Firm.id, field.target == target)).label(target)
            for target, field in _fields.items()
        ),
    ).where(within(Firm))
)


async def circumstances(unit: Unit, email_key: str | None = None) -> Circumstances:
    """What there is in the unit's firm before it writes, read once for each address."""
    known: dict[str | None, Circumstances] = unit.kept.setdefault(Circumstances, {})
    if email_key is None and known:
        return next(iter(known.values()))
    if email_key not in known:
        row = await unit.look_up(_look, email_key=email_key)
        assert row is not None
        locale, template_id, is_known, has_password, *with_fields = row
        known[email_key] = Circumstances(
            locale=Locale(locale),
            default_template_id=template_id,
            with_custom_fields=frozenset(
                target for target, some in zip(_fields, with_fields, strict=True) if some
            ),
            is_known=bool(is_known),
            has_password=bool(has_password),
        )
    return known[email_key]
