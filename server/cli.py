"""The command line: `mandant serve`, `migrate`, `demo`, `firm create`, `schema`, `doctor`."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, BinaryIO, ParamSpec, TypeVar

import click

P = ParamSpec("P")
R = TypeVar("R")


def _command(run: Callable[P, R]) -> Callable[P, R]:
    """Turns what the operator can mend into a sentence and an exit code."""

    @wraps(run)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        from server.mendable import sentence

        try:
            return run(*args, **kwargs)
        except Exception as error:
            if (text := sentence(error)) is None:
                raise
            raise click.ClickException(text) from None

    return guarded


def _now(coroutine: Coroutine[Any, Any, R]) -> R:
    return asyncio.run(coroutine)


@click.group()
@click.version_option(package_name="mandant")
def main() -> None:
    """Mandant: firms, their clients' accounts, and the portal that opens to them.

    Settings are environment variables (MANDANT_DATABASE_URL, MANDANT_BASE_URL,
    MANDANT_MAIL_URL, MANDANT_SECRET_KEYS and more: see docs/operations.md).
    """


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
@_command
def serve(host: str, port: int, workers: int) -> None:
    """Start the server.

    An SQLite database is brought up to date first. A PostgreSQL database that is not
    is refused: run `mandant migrate`.
    """
    from server import schema_version
    from server.serving import start_server
    from server.settings import read_settings

    _links_lead_to(host, port)
    settings = read_settings()
    _now(schema_version.ready(settings))
    start_server(host, port, workers)


def _links_lead_to(host: str, port: int) -> str:
    """The address of this server, which links lead to unless MANDANT_BASE_URL says otherwise."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared
    address = f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"
    # In the environment, because the server's processes read their settings there.
    os.environ.setdefault("MANDANT_BASE_URL", address)
    return address


@main.command()
@click.option("--revision", default="head", show_default=True, help="How far.")
@_command
def migrate(revision: str) -> None:
    """Bring the database's schema up to date."""
    from migrations.upgrade import current, upgrade
    from server.settings import read_settings

    settings = read_settings()
    _now(upgrade(settings.database_url, revision))
    click.echo(f"The schema is at {_now(current(settings.database_url))}.")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--no-serve", is_flag=True, help="Only make the data.")
@_command
def demo(host: str, port: int, no_serve: bool) -> None:
    """Fill an empty ./var with two firms and their clients, and start the server."""
    from server import demo as made
    from server.settings import read_settings

    address = _links_lead_to(host, port)
    _now(made.prepare(read_settings(), echo=click.echo, address=address))
    if not no_serve:
        from server.serving import start_server

        start_server(host, port, demo=True)


@main.group()
def firm() -> None:
    """Set firms up."""


@firm.command("create")
@click.option(
    "--slug", required=True, help="Small letters, digits and hyphens: stands in addresses."
)
@click.option("--name", required=True)
@click.option("--locale", type=click.Choice(["de", "en"]), default="de", show_default=True)
@click.option("--time-zone", default="Europe/Berlin", show_default=True)
@click.option("--owner-email", required=True)
@click.option("--owner-first-name", required=True)
@click.option("--owner-last-name", required=True)
@click.option(
    "--owner-password-stdin",
    is_flag=True,
    required=True,
    help="Read the owner's password from standard input, where no process list shows it.",
)
@_command
def firm_create(
    slug: str,
    name: str,
    locale: str,
    time_zone: str,
    owner_email: str,
    owner_first_name: str,
    owner_last_name: str,
    owner_password_stdin: bool,
) -> None:
    """Set up a firm and its owner."""
    del owner_password_stdin
    from models.enums import Locale
    from resolvers import firms
    from server import schema_version
    from server.operator import as_operator
    from server.settings import read_settings

    settings = read_settings()
    try:
        password = sys.stdin.readline().rstrip("\r\n")
    except UnicodeDecodeError:
        raise click.ClickException("The password is not UTF-8.") from None

    async def create() -> None:
        await schema_version.ready(settings)
        owner = await as_operator(
            settings,
            firms.create_firm,
            slug=slug,
            name=name,
            locale=Locale(locale.upper()),
            time_zone=time_zone,
            owner_email=owner_email,
            owner_first_name=owner_first_name,
            owner_last_name=owner_last_name,
            owner_password=password,
        )
        click.echo(f"{owner.firm_id} {slug}: {owner.email} can sign in.")

    _now(create())


@firm.command("update")
@click.option("--slug", required=True, help="Which firm.")
@click.option("--name", help="What it is called.")
@click.option("--locale", type=click.Choice(["de", "en"]), help="What it speaks.")
@click.option("--time-zone", help="Such as Europe/Berlin.")
@click.option("--colour", help="Its colour in the portal, as #rrggbb; an empty one takes it away.")
@click.option(
    "--logo",
    type=click.File("rb"),
    help="Its logo in the portal: a PNG, JPEG or WebP of 64 kB or less.",
)
@click.option("--no-logo", is_flag=True, help="Take the logo away.")
@click.option("--sign-up/--no-sign-up", default=None, help="Whether clients may sign up.")
@_command
def firm_update(
    slug: str,
    name: str | None,
    locale: str | None,
    time_zone: str | None,
    colour: str | None,
    logo: BinaryIO | None,
    no_logo: bool,
    sign_up: bool | None,
) -> None:
    """Change a firm's name, language, colour and logo, and whether clients may sign up."""
    from models.enums import Locale
    from resolvers import firms
    from resolvers.logos import LARGEST
    from server import schema_version
    from server.operator import as_operator
    from server.settings import read_settings

    given = {
        "name": name,
        "locale": Locale(locale.upper()) if locale else None,
        "time_zone": time_zone,
        "accent_color": colour,
        "logo": logo.read(LARGEST + 1) if logo else None,
        "sign_up_enabled": sign_up,
    }
    draft = {field: value for field, value in given.items() if value is not None}
    if no_logo:
        draft["logo"] = None
    if not draft:
        raise click.UsageError("Nothing to change was given.")
    settings = read_settings()

    async def update() -> None:
        await schema_version.ready(settings)
        changed = await as_operator(settings, firms.change_firm, slug=slug, **draft)
        click.echo(f"{changed.id} {slug}: {', '.join(draft)} changed.")

    _now(update())


@main.command()
@_command
def schema() -> None:
    """Print the GraphQL schema."""
    from schema.build import build_schema

    click.echo(build_schema().as_str())


@main.command()
@_command
def doctor() -> None:
    """Check the settings, the database, the role and the mail's way out."""
    from server import doctor as checks
    from server.settings import read_settings

    findings = _now(checks.examine(read_settings()))
    for finding in findings:
        click.echo(f"{'ok  ' if finding.ok else 'BAD '} {finding.what}: {finding.says}")
    if not all(finding.ok for finding in findings):
        sys.exit(1)
