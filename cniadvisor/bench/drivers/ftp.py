"""curl against vsftpd: ``ftp``, the goodput of one download in passive mode.

``cniadvisor-ftp-config ADDRESS PORT OBJECT`` (client end) writes /scratch/ftp.curl (mode 0600) and
prints its path as its only line. The file is a curl config with the lines

    url = "ftp://ADDRESS:PORT/OBJECT"
    user = "anonymous:PASSWORD"

and nothing else; OBJECT is relative to the server's root (``64g``), an IPv6 ADDRESS gets brackets.
The password is read from /credentials/ftp-password and stands nowhere but in that file. Exit
status 2 for a wrong call, 1 when there is no password; both say why on stderr.
"""

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import ClassVar

from cniadvisor.bench.driver import Measurement, Running, Told
from cniadvisor.bench.drivers.json_reading import amount, count, json_object
from cniadvisor.bench.drivers.tool import failed, version_of
from cniadvisor.bench.endpoints import Command, Endpoint, Service, run_to_end
from cniadvisor.domain.measurement import GOODPUT, PathName
from cniadvisor.domain.units import bytes_per_s_of_mbit, mbit_per_s

OBJECT = "64g"
"""A sparse file no network gets through in one trial: curl stops at its time limit."""

CONNECT_TIMEOUT_S = 5
GRACE_S = 15
"""Seconds beyond the timed part before a trial counts as hung."""

LEAST_S = 1
"""A suite may ask for a warm-up of no seconds, which curl takes for no limit at all."""

TIMED_OUT = 28
"""curl's exit status when the time was up: here the way a trial ends."""

_CONFIG = re.compile(rb"/scratch/[\w.-]+")
_TELL_VERSION = ("curl", "--disable", "--silent", "--libcurl", "-", "file:///dev/null")
"""Prints the options curl would use, its version among them. ``curl --version`` asks OpenLDAP for
its version too, which looks up the full name of the host: on the host network, where /etc/hosts
does not know it, that waits for a name server, for half a minute if there is none."""
_VERSION = re.compile(r'"curl/(\d[^\s"]*)"')
_WRITE_OUT = (
    '{"size_download":%{size_download},"time_pretransfer":%{time_pretransfer},'
    '"time_total":%{time_total}}\\n'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """What curl counted. ``login_s``: connection, login and everything else before the data."""

    received_bytes: int
    login_s: float
    total_s: float


def parse_write_out(stdout: bytes) -> Download | None:
    """Read what curl wrote at the end; None when that is incomplete or nothing was transferred.

    ``time_pretransfer`` is the end of login, EPSV, SIZE and RETR; ``time_starttransfer`` would be
    the greeting and ``time_connect`` the data connection, depending on curl's version.
    """
    told = json_object(stdout.strip())
    received, total = count(told, "size_download"), amount(told, "time_total")
    login = amount(told, "time_pretransfer")
    if not received or total is None or not login or total <= login:
        return None
    return Download(received_bytes=received, login_s=login, total_s=total)


@dataclass(frozen=True, slots=True, kw_only=True)
class CurlFtp:
    """FTP goodput of the data alone, limited by curl where there is a ``max_rate``.

    A server that hangs in mid-trial and stays silent to its end lowers the goodput, but curl does
    not tell it apart from a slow one.
    """

    tells_seconds: ClassVar[bool] = False

    max_rate_mbit_per_s: float | None = None
    _versions: dict[PathName, str] = field(default_factory=dict[PathName, str], init=False)
    _configs: dict[PathName, str] = field(default_factory=dict[PathName, str], init=False)

    async def prepare(self, client: Endpoint, server: Endpoint) -> None:
        """Put URL and password where curl finds them, and ask for curl's version."""
        self._versions[client.path] = await version_of(client, _TELL_VERSION, _VERSION)
        port = str(server.ports[Service.VSFTPD])
        made = await run_to_end(
            client,
            Command(
                argv=("cniadvisor-ftp-config", server.address, port, OBJECT), deadline_s=GRACE_S
            ),
        )
        path = made.stdout.strip()
        if made.exit.status != 0 or _CONFIG.fullmatch(path) is None:
            raise failed("cniadvisor-ftp-config", made.exit)
        self._configs[client.path] = path.decode()

    async def trial(
        self, client: Endpoint, server: Endpoint, *, seconds: float
    ) -> AsyncGenerator[Told]:
        """Run one trial (see :class:`cniadvisor.bench.driver.Driver`)."""
        async with client.start(self._command(self._configs[client.path], seconds)) as running:
            yield Running()
            printed = [line async for line in running.lines()]
            exit_ = await running.exit()
        download = parse_write_out(b"\n".join(printed))
        if exit_.status not in (0, TIMED_OUT) or download is None:
            raise failed("curl", exit_)
        yield Measurement(
            tool="curl",
            tool_version=self._versions[client.path],
            figures={
                GOODPUT.key: mbit_per_s(
                    download.received_bytes, download.total_s - download.login_s
                ),
                "login_s": download.login_s,
            },
            payload_bytes=download.received_bytes,
        )

    def _command(self, config: str, seconds: float) -> Command:
        timed_s = max(LEAST_S, seconds)
        limit: tuple[str, ...] = ()
        if self.max_rate_mbit_per_s is not None:
            bytes_per_s = max(1, round(bytes_per_s_of_mbit(self.max_rate_mbit_per_s)))
            limit = ("--limit-rate", str(bytes_per_s))
        return Command(
            argv=(
                "curl",
                "--disable",
                "--config",
                config,
                "--noproxy",
                "*",
                "--silent",
                "--show-error",
                "--output",
                "/dev/null",
                "--ftp-pasv",
                "--connect-timeout",
                str(CONNECT_TIMEOUT_S),
                "--max-time",
                f"{timed_s:g}",
                *limit,
                "--write-out",
                _WRITE_OUT,
            ),
            deadline_s=timed_s + GRACE_S,
        )
