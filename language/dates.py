"""Dates as people write them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

# British English: the day comes before the month, as everywhere in Europe.
BABEL = {"DE": "de_DE", "EN": "en_GB"}


def day(locale: str, moment: datetime, time_zone: str) -> str:
    """The day that *moment* is in *time_zone* (an IANA name): "7. Dezember 2026".

    Raises zoneinfo.ZoneInfoNotFoundError for a zone that is none.
    """
    local = moment.astimezone(ZoneInfo(time_zone))
    return format_date(local.date(), format="long", locale=BABEL[locale])


def minute(locale: str, moment: datetime, time_zone: str) -> str:
    """The day and the time of it in *time_zone*: "7. Dezember 2026, 08:15".

    Raises zoneinfo.ZoneInfoNotFoundError for a zone that is none.
    """
    local = moment.astimezone(ZoneInfo(time_zone))
    time = format_time(local.time(), format="short", locale=BABEL[locale])
    return f"{day(locale, moment, time_zone)}, {time}"
