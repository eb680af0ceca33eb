"""OpenSSH scp: ``scp``, the goodput of one download over a session that is already logged in.

The scripts of the image (each says on stderr why it fails and then ends with a status above 0; 2
for wrong arguments):

- ``cniadvisor-ssh-key`` (client) makes /scratch/id if it is missing and prints its public half,
  one line ``ssh-ed25519 BASE64 COMMENT``.
- ``cniadvisor-ssh-allow 'PUBLIC KEY LINE'`` (server) makes that the only key in
  /scratch/authorized_keys and prints the server's public host key, one line like the above.
- ``cniadvisor-ssh-known ADDRESS PORT 'HOST KEY LINE'`` (client) makes that the only host in
  /scratch/known_hosts. Prints nothing.
- ``cniadvisor-object BYTES`` (server) makes the sparse file /data/scp.bin exactly that long and
  prints ``{"object":"/data/scp.bin","bytes":BYTES}``, BYTES as stat says.
- ``cniadvisor-scp ADDRESS PORT OBJECT CIPHER [LIMIT_KBIT_PER_S]`` (client) logs in as ``bench``
  (ControlMaster), then copies OBJECT (``/data/scp.bin``) to /dev/null through that session with
  ``scp -c CIPHER`` and, if given, ``-l LIMIT``. It prints two lines, the first as soon as the
  login is done and before scp starts:

      {"event":"running","login_seconds":0.105}
      {"event":"done","seconds":1.571,"received_bytes":268617616}

  ``seconds`` is scp's whole run time: its start, the session's channel and the opening of the file
  are in it, a fixed cost that lowers the goodput of short trials more. ``received_bytes`` is what
  the session's ssh counted (``Transferred: sent S, received R bytes`` in the master's log,
  LogLevel=VERBOSE, after ``ssh -O exit``), null when it did not say. The second line comes only
  when scp ended with 0; otherwise scp's or ssh's words are on stderr and the exit status is
  theirs. The session is ended on every way out. CIPHER is given to the master too: it is the one
  that encrypts.
"""

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from cniadvisor.bench.driver import Measurement, Running, Told, TrialFailed
from cniadvisor.bench.drivers.json_reading import amount, child, count, json_object, text
from cniadvisor.bench.drivers.tool import failed, version_of
from cniadvisor.bench.endpoints import Command, Endpoint, Service, run_to_end
from cniadvisor.domain.measurement import GOODPUT, PathName
from cniadvisor.domain.text import printable
from cniadvisor.domain.units import bits_per_s_of_mbit, bytes_per_s_of_mbit, mbit_per_s

CIPHER = "aes128-gcm@openssh.com"
"""One for all: the cipher decides over the CPU time, and so mostly over the figure."""

MIB = 2**20
FIRST_BYTES = 32 * MIB
"""The object of the warm-up, before any rate is known."""

LEAST_BYTES = 2**16
"""Objects are whole multiples of it."""

MOST_BYTES = 2**40

SIZE_TOLERANCE = 1.25
"""An object is kept while the transfer takes within this factor of the seconds asked for."""

PREPARE_DEADLINE_S = 15
GRACE_S = 30
SLOWER_FACTOR = 4
"""A copy may take this many times the seconds asked for, and the grace, before it counts as hung:
scp has no time limit of its own, and killed it gives no figure."""

_KEY_LINE = re.compile(r"ssh-ed25519 [A-Za-z0-9+/=]+(?: [\x21-\x7e]+)?")
_VERSION = re.compile(r"OpenSSH_([^\s,]+)")
_SCP_KBIT = 1024
"""Bits in the unit of ``scp -l``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn:
    """The session stands, the copy begins now."""

    login_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """scp has ended well; ``session_bytes`` is what ssh received, None when it did not say."""

    seconds: float
    session_bytes: int | None


Parsed: TypeAlias = LoggedIn | Copied


def parse_line(line: bytes) -> Parsed | None:
    """Read one line of ``cniadvisor-scp``; None for lines that tell nothing we use."""
    event = json_object(line)
    match child(event, "event"):
        case "running":
            login = amount(event, "login_seconds")
            return None if login is None else LoggedIn(login_s=login)
        case "done":
            seconds, received = amount(event, "seconds"), count(event, "received_bytes")
            if not seconds:
                return None
            return Copied(seconds=seconds, session_bytes=received)
        case _:
            return None


def parse_key(stdout: bytes) -> str | None:
    """Read a public key, one line; None when it is anything else."""
    line = stdout.decode(errors="replace").strip()
    return line if _KEY_LINE.fullmatch(line) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """The file on the server."""

    path: str
    byte_count: int


def parse_object(stdout: bytes) -> Object | None:
    """Read what ``cniadvisor-object`` printed; None when it is anything else."""
    told = json_object(stdout.strip())
    path, byte_count = text(told, "object"), count(told, "bytes")
    if path is None or not byte_count:
        return None
    return Object(path=path, byte_count=byte_count)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScpGoodput:
    """SCP goodput of one run of scp without the login. It ranks CPUs before it ranks CNIs.

    The object is sized by the rate of the last copy on the path, so that a trial takes about the
    seconds asked for; the first copy, the warm-up, is 32 MiB.
    """

    tells_seconds: ClassVar[bool] = False

    max_rate_mbit_per_s: float | None = None
    _versions: dict[PathName, str] = field(default_factory=dict[PathName, str], init=False)
    _objects: dict[PathName, Object] = field(default_factory=dict[PathName, Object], init=False)
    _bytes_per_s: dict[PathName, float] = field(default_factory=dict[PathName, float], init=False)

    async def prepare(self, client: Endpoint, server: Endpoint) -> None:
        """Let the client in: exchange public keys (no secret leaves its pod)."""
        path = client.path
        self._versions[path] = await version_of(client, ("ssh", "-V"), _VERSION)
        self._objects.pop(path, None)
        self._bytes_per_s.pop(path, None)
        key = await _key_from(client, "cniadvisor-ssh-key")
        host_key = await _key_from(server, "cniadvisor-ssh-allow", key)
        port = str(server.ports[Service.SSHD])
        await _succeed(client, "cniadvisor-ssh-known", server.address, port, host_key)

    async def trial(
        self, client: Endpoint, server: Endpoint, *, seconds: float
    ) -> AsyncGenerator[Told]:
        """Run one trial (see :class:`cniadvisor.bench.driver.Driver`)."""
        source = await self._object(server, seconds)
        login_s = 0.0
        copied: Copied | None = None
        async with client.start(self._command(server, source, seconds)) as running:
            async for line in running.lines():
                match parse_line(line):
                    case LoggedIn(login_s=login_s):
                        yield Running()
                    case Copied() as copied:
                        pass
                    case None:
                        pass
            exit_ = await running.exit()
        if copied is None or exit_.status != 0:
            raise failed("scp", exit_)
        if copied.session_bytes is not None and copied.session_bytes < source.byte_count:
            raise failed(
                "scp",
                exit_,
                f"ssh received {copied.session_bytes} bytes for an object of {source.byte_count}",
            )
        self._bytes_per_s[client.path] = source.byte_count / copied.seconds
        yield Measurement(
            tool="scp",
            tool_version=self._versions.get(client.path, ""),
            figures={
                GOODPUT.key: mbit_per_s(source.byte_count, copied.seconds),
                "login_s": login_s,
                "object_mib": source.byte_count / MIB,
                "copy_s": copied.seconds,
            },
            facts={"cipher": CIPHER},
            payload_bytes=source.byte_count,
        )

    async def _object(self, server: Endpoint, seconds: float) -> Object:
        """Return an object that takes about ``seconds`` to copy; make one if there is none."""
        known, rate = self._objects.get(server.path), self._bytes_per_s.get(server.path)
        wanted = FIRST_BYTES if rate is None else rate * seconds
        if self.max_rate_mbit_per_s is not None:
            wanted = min(wanted, bytes_per_s_of_mbit(self.max_rate_mbit_per_s) * seconds)
        wanted = min(max(wanted, LEAST_BYTES), MOST_BYTES)
        if known is not None and (
            wanted / SIZE_TOLERANCE <= known.byte_count <= wanted * SIZE_TOLERANCE
        ):
            return known
        stdout = await _succeed(
            server, "cniadvisor-object", str(round(wanted / LEAST_BYTES) * LEAST_BYTES)
        )
        made = parse_object(stdout)
        if made is None:
            raise TrialFailed("cniadvisor-object: it did not tell what it made")
        self._objects[server.path] = made
        return made

    def _command(self, server: Endpoint, source: Object, seconds: float) -> Command:
        limit: tuple[str, ...] = ()
        if self.max_rate_mbit_per_s is not None:
            kbit_per_s = bits_per_s_of_mbit(self.max_rate_mbit_per_s) / _SCP_KBIT
            limit = (str(max(1, int(kbit_per_s))),)
        return Command(
            argv=(
                "cniadvisor-scp",
                server.address,
                str(server.ports[Service.SSHD]),
                source.path,
                CIPHER,
                *limit,
            ),
            deadline_s=SLOWER_FACTOR * seconds + GRACE_S,
        )


async def _succeed(endpoint: Endpoint, *argv: str) -> bytes:
    done = await run_to_end(endpoint, Command(argv=argv, deadline_s=PREPARE_DEADLINE_S))
    if done.exit.status != 0:
        raise failed(argv[0], done.exit)
    return done.stdout


async def _key_from(endpoint: Endpoint, *argv: str) -> str:
    stdout = await _succeed(endpoint, *argv)
    key = parse_key(stdout)
    if key is None:
        said = printable(stdout.decode(errors="replace"), limit=100)
        raise TrialFailed(f"{argv[0]}: it printed no public key but: {said}")
    return key
