"""One wiring as the place of a run: two nodes and two pods, all of them network namespaces."""

import asyncio
import secrets
from collections.abc import Callable, Mapping

from cniadvisor.bench.endpoints import CleanupListener, Endpoints, Service, services_for
from cniadvisor.domain.errors import BenchmarkError, CleanupError
from cniadvisor.domain.measurement import PathName, Role, TestName
from cniadvisor.domain.plan import Plan, PlannedObject, TargetFacts
from cniadvisor.domain.text import printable
from cniadvisor.lab.endpoint import LabEndpoint
from cniadvisor.lab.findings import wired_label
from cniadvisor.lab.ground import Ground
from cniadvisor.lab.machine import machine_pair
from cniadvisor.lab.requirements import why_no_step
from cniadvisor.lab.rootfs import Tools
from cniadvisor.lab.servers import Server, choose_ports, start_servers
from cniadvisor.lab.wire import NODES, Wire, wire_steps
from cniadvisor.lab.wiring import SYSCTL_WRITE, Place, Step, Wiring

__all__ = ["LabTarget", "lab_facts"]

_ENDS: Mapping[tuple[Role, PathName], Place] = {
    (Role.CLIENT, PathName.HOST): Place.NODE1,
    (Role.SERVER, PathName.HOST): Place.NODE2,
    (Role.CLIENT, PathName.POD): Place.POD1,
    (Role.SERVER, PathName.POD): Place.POD2,
}

_PURPOSES: Mapping[Place, str] = {
    Place.NODE1: "the client's node",
    Place.NODE2: "the server's node",
    Place.POD1: "the client's pod",
    Place.POD2: "the server's pod",
}

KIND = "lab"
SERVER = "this machine"

_SYSCTL = 'printf %s "$2" >"/proc/sys/$1"'
_NAMES = {place: place.value for place in Place}


def lab_facts(wiring: Wiring, wire: Wire, *, image: str) -> TargetFacts:
    """Say what a wiring is measured on and what is made for it.

    Args:
        wiring, wire: what will be made.
        image: what its programs are, by content where that is known.
    """
    pair = machine_pair(wire)
    return TargetFacts(
        kind=KIND,
        context=f"lab: {wired_label(wiring)}",
        server=SERVER,
        server_version=pair.client.kernel,
        namespace="",
        creates_namespace=False,
        creates=tuple(
            PlannedObject(kind="network namespace", name=place.value, purpose=purpose)
            for place, purpose in _PURPOSES.items()
        ),
        image=image,
        pair=pair,
    )


class LabTarget:
    """Opens a run's endpoints in one wiring; see :class:`~cniadvisor.bench.endpoints.Target`.

    Several may share a ground: each has places, a wire and servers of its own.

    Args:
        ground: where namespaces are made.
        tools: what runs in them.
        wiring: how pods and nodes are joined.
        wire: what lies between the nodes.
        run_id: names the places in the ground.
        paths, tests: those the run will ask for.
    """

    def __init__(
        self,
        ground: Ground,
        *,
        tools: Tools,
        wiring: Wiring,
        wire: Wire,
        run_id: str,
        paths: tuple[PathName, ...],
        tests: tuple[TestName, ...],
    ) -> None:
        self._ground = ground
        self._tools = tools
        self._wiring = wiring
        self._wire = wire
        self._group = run_id
        self._paths = paths
        self._services = services_for(tests)
        self._closed = asyncio.Event()
        self._servers: tuple[Server, ...] = ()
        self._laid = False

    def facts(self) -> TargetFacts:
        """Say where this is and what it would create; see the protocol."""
        return lab_facts(self._wiring, self._wire, image=str(self._tools))

    async def open(self, plan: Plan, progress: Callable[[str], None]) -> Endpoints:
        """Make the places, wire them and start the servers; see the protocol.

        Raises:
            BenchmarkError: the kernel lacks what the wiring needs, or a server does not start.
        """
        assert plan.run_id == self._group
        assert plan.paths == self._paths
        progress(f"making {len(_NAMES)} network namespaces: {', '.join(_NAMES.values())}")
        self._laid = True
        await self._ground.lay(self._group, tuple(Place), self._tools.root)
        progress(
            f"wiring them as {self._wiring.wired_as}; the wire between the nodes: {self._wire}"
        )
        for step in (*wire_steps(self._wire), *self._wiring.steps):
            await self._take(step)
        progress(f"starting {', '.join(self._services)} on {' and '.join(self._paths)}")
        opened = [await self._path(path) for path in self._paths]
        return Endpoints(opened={end: point for path in opened for end, point in path.items()})

    async def trouble(self) -> str | None:
        """Return why the run must stop now, or None; see the protocol."""
        if self._ground.gone:
            return "the process that held the lab's namespaces ended"
        return next((why for server in self._servers if (why := server.trouble)), None)

    async def close(self, removed: CleanupListener) -> None:
        """Kill what runs and remove the places; see the protocol.

        Raises:
            CleanupError: a process does not end.
        """
        self._closed.set()
        if not self._laid:
            return
        self._laid = False
        what = f"network namespaces {', '.join(_NAMES.values())} and all that ran in them"
        if self._ground.gone:
            removed(f"{what} (gone already)", None)
            return
        try:
            await self._ground.clear(self._group)
        except BenchmarkError as error:
            removed(what, error.message)
            raise CleanupError(
                f"not removed: {what}: {error.message}",
                hint="it goes when cniadvisor ends",
            ) from None
        removed(what, None)

    async def _take(self, step: Step) -> None:
        """Run one step of a wiring."""
        argv = step.named(_NAMES)
        if argv[0] == SYSCTL_WRITE:
            argv = ("sh", "-c", _SYSCTL, *argv)
        done = await self._ground.run(self._group, step.place, argv, stdin=step.stdin)
        if done.status != 0:
            why = why_no_step(" ".join(step.named(_NAMES)), done.stderr)
            raise BenchmarkError(
                f"{self._wiring.name} can't be wired here: in {step.place}, {why}",
                hint="leave this wiring out with --wiring",
            )

    # -- endpoints

    async def _path(self, path: PathName) -> Mapping[tuple[Role, PathName], LabEndpoint]:
        password = secrets.token_hex(16)
        server = _ENDS[Role.SERVER, path]
        for role in Role:
            await self._keep_password(_ENDS[role, path], password)
        ports = await choose_ports(self._ground, self._group, server, path, self._services)
        self._servers += await start_servers(
            self._ground, self._group, server, self._address(server), self._services
        )
        return {
            (role, path): await self._endpoint(role, path, {} if role is Role.CLIENT else ports)
            for role in Role
        }

    async def _keep_password(self, place: Place, password: str) -> None:
        """Put the FTP password where only the servers' user reads it: never into an argument."""
        argv = ("sh", "-c", "umask 077; cat >/credentials/ftp-password")
        done = await self._ground.run(
            self._group, place, argv, unprivileged=True, stdin=f"{password}\n"
        )
        if done.status != 0:
            raise BenchmarkError(f"no password can be kept in {place}: {printable(done.stderr)}")

    async def _endpoint(
        self, role: Role, path: PathName, ports: Mapping[Service, int]
    ) -> LabEndpoint:
        place = _ENDS[role, path]
        client = role is Role.CLIENT
        peer = NODES.node2_address if client else NODES.node1_address
        sampler = await self._ground.start(
            self._group, place, ("cniadvisor-sampler", peer), unprivileged=True
        )
        return LabEndpoint(
            role=role,
            path=path,
            node=Place.NODE1 if client else Place.NODE2,
            address=self._address(place),
            ports=ports,
            ground=self._ground,
            group=self._group,
            place=place,
            sampler=sampler,
            closed=self._closed,
        )

    def _address(self, place: Place) -> str:
        return {
            Place.NODE1: NODES.node1_address,
            Place.NODE2: NODES.node2_address,
            Place.POD1: self._wiring.pod1_address,
            Place.POD2: self._wiring.pod2_address,
        }[place]
