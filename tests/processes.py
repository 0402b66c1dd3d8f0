"""The command line as processes of their own: commands that end, and servers that run."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from models.enums import Locale
from resolvers import firms
from server.operator import as_operator
from server.settings import read_settings
from tests.deployments import PASSWORD, SIGN_IN, Answer, Voice

MANDANT = Path(sys.executable).with_name("mandant")
DEMO_FIRM = re.compile(
    r"^(?P<name>\S.*) \(firm: (?P<slug>\S+)\)\n"
    r"  portal   (?P<portal>\S+)\n"
    r"  owner    (?P<owner>\S+)  (?P<owner_password>\S+)\n"
    r"  employee (?P<employee>\S+)  (?P<employee_password>\S+)\n"
    r"  client   (?P<client>\S+)  (?P<client_password>\S+)\n"
    r"  a link that waits to be activated: (?P<link>\S+)\n"
    r"  (?P<curl>curl .*)\n",
    re.MULTILINE,
)
"""What `mandant demo` prints of a firm."""
SECRET_KEY = "a-key-for-tests-that-is-long-enough-for-a-server"


def environment(**settings: str) -> dict[str, str]:
    """The environment of a process that is told *settings* and nothing of ours."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8", **settings}


def mandant(
    *arguments: str, folder: Path, given: str | bytes = "", **settings: str
) -> subprocess.CompletedProcess[str]:
    """Runs a command in *folder* until it ends, with *given* on its standard input."""
    octets = given.encode() if isinstance(given, str) else given
    ended = subprocess.run(
        [MANDANT, *arguments],
        cwd=folder,
        env=environment(**settings),
        input=octets,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return subprocess.CompletedProcess(
        ended.args, ended.returncode, ended.stdout.decode(), ended.stderr.decode()
    )


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Server:
    """`mandant serve` on a database, in a folder of its own, where its mails and its log are."""

    url: str
    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    command: tuple[str, ...] = ("serve",)
    http: httpx2.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.http = httpx2.AsyncClient(
            base_url=self.address, timeout=40, limits=httpx2.Limits(max_connections=200)
        )

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The settings as the server gets them."""
        return {
            "MANDANT_DATABASE_URL": self.url,
            "MANDANT_SECRET_KEYS": SECRET_KEY,
            "MANDANT_BASE_URL": self.address,
            "MANDANT_MAIL_URL": f"file://{self.mail_folder}",
            **self.settings,
        }

    @property
    def mail_folder(self) -> Path:
        return self.folder / "mail"

    @property
    def log(self) -> str:
        """Everything that it wrote so far, over all of its starts."""
        return (self.folder / "log").read_text()

    @property
    def nobody(self) -> Voice:
        """Somebody who is signed out."""
        return Voice(self)  # type: ignore[arg-type]

    async def start(self) -> None:
        """Starts it and waits until it answers."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [MANDANT, *self.command, f"--port={self.port}"],
                cwd=self.folder,
                env=environment(**self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        give_up = time.monotonic() + 60
        while not await self._answers():
            assert self.process.poll() is None, self.log
            assert time.monotonic() < give_up, self.log
            await asyncio.sleep(0.02)

    async def _answers(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        return (await self.http.get("/healthz")).status_code == 200

    def kill(self) -> None:
        """kill -9, for it and all of its processes."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    async def stop(self) -> int:
        """SIGTERM; its exit code."""
        assert self.process is not None
        self.process.terminate()
        return await asyncio.to_thread(self.process.wait, 40)

    async def firm(self, slug: str, *, locale: Locale = Locale.EN) -> Voice:
        """A new firm's owner, signed in."""
        address = f"owner@{slug}.test"
        await as_operator(
            read_settings(self.environment),
            firms.create_firm,
            slug=slug,
            name=f"Firm {slug}",
            locale=locale,
            owner_email=address,
            owner_first_name="Olivia",
            owner_last_name="Boss",
            owner_password=PASSWORD,
        )
        answer = await self.sign_in(slug, address)
        return Voice(self, answer.payload()["token"])  # type: ignore[arg-type]

    async def sign_in(self, slug: str, address: str, password: str = PASSWORD) -> Answer:
        """What a sign-in is answered."""
        given = {"firm": slug, "email": address, "password": password}
        return await self.nobody.ask(SIGN_IN, input=given)


class DemoServer(Server):
    """`mandant demo` with no settings at all."""

    @property
    def firms(self) -> dict[str, dict[str, str]]:
        """What it printed of each firm, by the firm's slug."""
        found = [match.groupdict() for match in DEMO_FIRM.finditer(self.log)]
        return {firm["slug"]: firm for firm in found}

    @property
    def environment(self) -> dict[str, str]:
        return dict(self.settings)


@asynccontextmanager
async def serving(
    url: str, folder: Path, *, workers: int = 1, **settings: str
) -> AsyncGenerator[Server]:
    """A server that runs; killed in the end, where it has not ended."""
    server = Server(url, folder, settings, command=("serve", f"--workers={workers}"))
    try:
        async with server.http:
            await server.start()
            yield server
    finally:
        if server.process is not None:
            server.kill()
