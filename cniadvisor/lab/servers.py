"""The servers of one path's server end, started as in the pods and looked after."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cniadvisor.bench.endpoints import Service
from cniadvisor.domain.errors import BenchmarkError
from cniadvisor.domain.measurement import PathName
from cniadvisor.domain.text import printable
from cniadvisor.lab.ground import Ground
from cniadvisor.lab.program import Program

__all__ = ["Server", "choose_ports", "start_servers"]

POD_PORTS: Mapping[Service, int] = {
    Service.IPERF3: 5201,
    Service.NGINX: 8080,
    Service.VSFTPD: 2121,  # and the 20 after it
    Service.SSHD: 2222,
    Service.SOCKPERF_TCP: 11111,
    Service.SOCKPERF_UDP: 11112,
}
"""The same as in real pods; on the nodes they are chosen, as on real nodes."""

_TRIES = 20
"""How often a server is looked at, each time for a second, until it listens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that was started."""

    service: Service
    place: str
    program: Program

    @property
    def trouble(self) -> str | None:
        """Say that it ended, and what it said last; None while it runs."""
        status = self.program.status
        if status is None:
            return None
        said = printable(self.program.stderr_so_far, limit=300)
        last = f"; it had said: {said}" if said else ""
        return f"server {self.service} in {self.place} ended with status {status}{last}"


async def choose_ports(
    ground: Ground, group: str, place: str, path: PathName, services: Sequence[Service]
) -> Mapping[Service, int]:
    """Make the files that are downloaded, and decide each server's port.

    Raises:
        BenchmarkError: a script of the tools failed.
    """
    wishes = [
        service.value if path is PathName.HOST else f"{service}={POD_PORTS[service]}"
        for service in services
    ]
    for argv in (("cniadvisor-data",), ("cniadvisor-ports", *wishes)):
        done = await ground.run(group, place, argv, unprivileged=True)
        if done.status != 0:
            raise BenchmarkError(f"{argv[0]} failed in {place}: {printable(done.stderr)}")
    told: Mapping[str, int] = json.loads(done.stdout)["ports"]
    return {service: told[service] for service in services}


async def start_servers(
    ground: Ground, group: str, place: str, address: str, services: Sequence[Service]
) -> tuple[Server, ...]:
    """Start servers on one address and return when all of them listen.

    Raises:
        BenchmarkError: one ended, or does not listen.
    """
    servers = [
        Server(
            service=service,
            place=place,
            program=await ground.start(
                group,
                place,
                ("cniadvisor-serve", service),
                unprivileged=True,
                environment={"LISTEN_ADDRESS": address},
                one_output=True,
            ),
        )
        for service in services
    ]
    for server in servers:
        await _until_it_listens(ground, group, server)
    return tuple(servers)


async def _until_it_listens(ground: Ground, group: str, server: Server) -> None:
    said = ""
    for _ in range(_TRIES):
        # It waits for up to a second by itself.
        looked = await ground.run(
            group, server.place, ("cniadvisor-serving", server.service), unprivileged=True
        )
        if looked.status == 0:
            return
        if (trouble := server.trouble) is not None:
            raise BenchmarkError(trouble)
        said = printable(looked.stderr)
    raise BenchmarkError(f"server {server.service} in {server.place} does not listen: {said}")
