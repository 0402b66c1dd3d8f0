"""A deployment as `mandant demo` runs it, and a mail that means harm."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.deployments import Deployed, running

EVIL_ID = f"mail_{'f' * 32}"
EVIL_SCRIPT = "<script>top.document.title = document.title = 'taken over'</script>"


@pytest.fixture
async def shown(migrated_url: str, tmp_path: Path) -> AsyncGenerator[Deployed]:
    """The deployment, which shows its mails."""
    async with running(migrated_url, tmp_path, demo=True) as found:
        yield found


def write_evil(folder: Path, elsewhere: str) -> None:
    """Puts a mail into *folder* that would run scripts and load from *elsewhere*, if it could."""
    message = EmailMessage()
    message["From"] = f'"{EVIL_SCRIPT}" <portal@example.com>'
    message["To"] = "eva@example.com"
    message["Subject"] = f"</title>{EVIL_SCRIPT}"
    message.set_content(f"</pre>{EVIL_SCRIPT}")
    message.add_alternative(
        f"<html><head><meta http-equiv='refresh' content='0;url={elsewhere}/moved'></head><body>"
        f"{EVIL_SCRIPT}<img src='{elsewhere}/seen.png' onerror=\"top.document.title = 'taken over'\">"
        f"<link rel=stylesheet href='{elsewhere}/x.css'><iframe src='{elsewhere}/frame'></iframe>"
        f"<form action='{elsewhere}/sent' target=_top><button id=go>Go</button></form>"
        "<a id=top target=_top href='javascript:void(top.document.title=\"taken over\")'>top</a>"
        "</body></html>",
        subtype="html",
    )
    (folder / f"{EVIL_ID}.eml").write_bytes(bytes(message))
