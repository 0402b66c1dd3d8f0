"""The names and words that the demo's firms are filled with."""

from __future__ import annotations

from models.enums import Locale

FIRST_NAMES = [
    "Anna",
    "Ben",
    "Clara",
    "David",
    "Elif",
    "Felix",
    "Greta",
    "Hannes",
    "Ida",
    "Jonas",
    "Käthe",
    "Leon",
    "Mia",
    "Nils",
    "Olga",
    "Paul",
    "Rosa",
    "Samir",
    "Tilda",
    "Viktor",
]
LAST_NAMES = [
    "Müller",
    "Schmidt",
    "Özdemir",
    "Fischer",
    "Weber",
    "Jäger",
    "Becker",
    "Groß",
    "Nowak",
    "Richter",
    "Klein",
    "Wolf",
    "Schröder",
    "Neumann",
    "Schwarz",
    "Zimmermann",
    "Krüger",
    "Hofmann",
    "Lange",
    "Köhler",
]
COMPANIES = ["Bäckerei", "Tischlerei", "Gärtnerei", "Buchhandlung", "Druckerei", "Schlosserei"]

# What each firm calls its tags, by what they are for.
TAGS = {
    Locale.DE: {
        "tax": "Einkommensteuer",
        "books": "Finanzbuchhaltung",
        "payroll": "Lohnbuchhaltung",
        "urgent": "Eilt",
        "director": "Geschäftsführung",
    },
    Locale.EN: {
        "tax": "Income tax",
        "books": "Bookkeeping",
        "payroll": "Payroll",
        "urgent": "Urgent",
        "director": "Director",
    },
}
