"""Types that several subjects share: addresses, telephone numbers, pages."""

from __future__ import annotations

from datetime import datetime

import strawberry

import models
from schema.enums import PhoneType
from schema.fields import rows, value


@strawberry.type(description="A postal address.")
class Address:
    street: str | None = value("Street and number.")
    street2: str | None = value("A second line.")
    postal_code: str | None = value("The postal code.")
    city: str | None = value("The town.")
    region: str | None = value("The state, province or canton.")
    country: str | None = value("ISO 3166-1 alpha-2.")


@strawberry.input(description="A postal address.")
class AddressInput:
    street: str | None = strawberry.field(
        default=strawberry.UNSET, description="Street and number."
    )
    street2: str | None = strawberry.field(default=strawberry.UNSET, description="A second line.")
    postal_code: str | None = strawberry.field(
        default=strawberry.UNSET, description="The postal code."
    )
    city: str | None = strawberry.field(default=strawberry.UNSET, description="The town.")
    region: str | None = strawberry.field(
        default=strawberry.UNSET, description="The state, province or canton."
    )
    country: str | None = strawberry.field(
        default=strawberry.UNSET, description="ISO 3166-1 alpha-2, such as DE."
    )


@rows(models.Phone)
@strawberry.type(description="A telephone number.")
class Phone:
    number: str = value("E.164.")
    type: PhoneType = value("What it is for.")


@rows(models.ContactAddress)
@strawberry.type(description="An e-mail address that a contact signs in with beside its own.")
class OtherEmail:
    email: str = value("The address.")


@strawberry.input(description="A telephone number.")
class PhoneInput:
    number: str = strawberry.field(
        description="As people write it; kept as E.164. Without a country it is read as German "
        "where the firm speaks German."
    )
    type: PhoneType = strawberry.field(default=PhoneType.MOBILE, description="What it is for.")


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more follows.")
    has_previous_page: bool = strawberry.field(description="Whether something comes before.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first one.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last one.")


@strawberry.input(description="A span of time.")
class DateTimeRange:
    from_: datetime | None = strawberry.field(
        name="from", default=strawberry.UNSET, description="Not before this moment."
    )
    until: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="Before this moment."
    )
