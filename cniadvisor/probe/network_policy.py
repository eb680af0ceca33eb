"""Does the cluster enforce NetworkPolicy? Four parts of it, tried between two pods of a run.

The API server takes a NetworkPolicy whether or not anything enforces it (kubernetes.io, Network
Policies, "Prerequisites"), so only traffic can tell. Each part is a policy of its own and the
connections that it must let through or keep out. Nothing outside the run is selected.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from cniadvisor.bench.endpoints import Command, Endpoint, Endpoints, Service, run_to_end
from cniadvisor.domain.measurement import PathName
from cniadvisor.domain.probe import PartTried, PolicyPart, PolicyProbe, Standing
from cniadvisor.probe.policies import ALLOWED, OTHER, Policies, Rule, Tell

WITHIN_S = 15.0
"""Within which a policy must show its effect. Agents watch the API server: seconds are usual."""

HOLD_S = 3.0
"""For how long connections that a rule does not name must stay shut after it is there."""

CONNECT_TIMEOUT_S = 0.7
"""After which a connection counts as kept out; a handshake between nodes takes milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long the probe waits; tests wait less."""

    within_s: float = WITHIN_S
    hold_s: float = HOLD_S
    between_s: float = 0.2


async def probe_network_policy(
    endpoints: Endpoints, policies: Policies, *, tell: Tell, timing: Timing | None = None
) -> PolicyProbe:
    """Try every part on the pod path; the policies and their effects are gone afterwards.

    Raises:
        AccessError: policies may not be made. ClusterError: the cluster went away.
        BenchmarkError: the client pod can't be asked any more.
    """
    probing = _Probing(
        client=endpoints.client(PathName.POD),
        server=endpoints.server(PathName.POD),
        policies=policies,
        tell=tell,
        timing=timing or Timing(),
    )
    now = datetime.now(UTC).isoformat(timespec="seconds")
    if not await probing.all_open():
        return PolicyProbe(
            probed_at=now,
            reason="the client pod does not reach the server pod before any policy of ours is "
            "there: another policy or a firewall may stand between them",
        )
    return PolicyProbe(probed_at=now, parts=await probing.parts())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Probing:
    client: Endpoint
    server: Endpoint
    policies: Policies
    tell: Tell
    timing: Timing

    async def parts(self) -> tuple[PartTried, ...]:
        ingress = await self._deny_ingress()
        if ingress.standing is Standing.ENFORCED:
            label, port = await self._label(), await self._port()
            # Egress is judged by connections that nothing else keeps out.
            await self._until(open_=True)
        else:
            nothing_shut = "nothing keeps connections out, so a rule that lets some in can't show"
            label, port = (
                PartTried(part=part, standing=Standing.UNTOLD, took_s=None, detail=nothing_shut)
                for part in (PolicyPart.LABEL, PolicyPart.PORT)
            )
        egress = await self._deny_egress()
        # Whoever measures next is not to find the way shut: agents take a moment here, too.
        await self._until(open_=True)
        return ingress, label, port, egress

    # -- the parts

    async def _deny_ingress(self) -> PartTried:
        self.tell("a policy without rules on the server pod: nobody must get in")
        return _judged(
            PolicyPart.DENY_INGRESS,
            await self._shut_by(Rule.DENY_INGRESS),
            enforced="connections to the server pod were kept out",
            otherwise=f"connections still reached the server pod after {self.timing.within_s:g} s",
        )

    async def _label(self) -> PartTried:
        self.tell("a rule for pods with another label: the client must stay out")
        async with self._applied(Rule.ALLOW_STRANGER):
            await self._until(open_=False)
            held = await self._stays_shut(ALLOWED)
        return PartTried(
            part=PolicyPart.LABEL,
            standing=Standing.ENFORCED if held else Standing.NOT_ENFORCED,
            took_s=None,
            detail="a rule for another label did not let the client in"
            if held
            else "a rule for another label let the client in",
        )

    async def _port(self) -> PartTried:
        self.tell("a rule for one port and the client's label: that port must open, no other")
        async with self._applied(Rule.ALLOW_CLIENT):
            took_s = await self._until(open_=True, services=(ALLOWED,))
            others_shut = await self._stays_shut(OTHER)
        if took_s is not None and not others_shut:
            return PartTried(
                part=PolicyPart.PORT,
                standing=Standing.NOT_ENFORCED,
                took_s=None,
                detail="a rule for one port opened another one too",
            )
        return _judged(
            PolicyPart.PORT,
            took_s,
            enforced="the port of the rule opened, another one stayed shut",
            otherwise=f"the port of the rule stayed shut for {self.timing.within_s:g} s",
        )

    async def _deny_egress(self) -> PartTried:
        self.tell("a policy without rules on the client pod: nothing must get out")
        return _judged(
            PolicyPart.DENY_EGRESS,
            await self._shut_by(Rule.DENY_EGRESS),
            enforced="connections from the client pod were kept in",
            otherwise=f"connections still left the client pod after {self.timing.within_s:g} s",
        )

    async def _shut_by(self, rule: Rule) -> float | None:
        """Return after how many seconds a rule alone kept all connections out; None: never."""
        async with self._applied(rule):
            return await self._until(open_=False)

    @asynccontextmanager
    async def _applied(self, rule: Rule) -> AsyncGenerator[None]:
        await self.policies.apply(rule)
        try:
            yield
        finally:
            await self.policies.remove(rule)

    # -- connections

    async def all_open(self) -> bool:
        """Whether both servers are reached; asked again for a moment, for pods are new here."""
        return await self._until(open_=True) is not None

    async def _until(
        self, *, open_: bool, services: tuple[Service, ...] = (ALLOWED, OTHER)
    ) -> float | None:
        """Return after how many seconds all of ``services`` were open (or shut); None: never."""
        clock = asyncio.get_running_loop().time
        start = clock()
        while (asked := clock()) - start <= self.timing.within_s:
            if [await self._opens(service) for service in services] == [open_] * len(services):
                return asked - start
            await asyncio.sleep(self.timing.between_s)
        return None

    async def _stays_shut(self, service: Service) -> bool:
        clock = asyncio.get_running_loop().time
        end = clock() + self.timing.hold_s
        while clock() < end:
            if await self._opens(service):
                return False
            await asyncio.sleep(self.timing.between_s)
        return True

    async def _opens(self, service: Service) -> bool:
        """Whether a TCP connection to a server comes about; what is said over it does not count."""
        completed = await run_to_end(
            self.client, Command(argv=_connecting(self.server, service), deadline_s=10.0)
        )
        try:
            return float(completed.stdout.strip() or b"0") > 0
        except ValueError:
            return False


def _connecting(server: Endpoint, service: Service) -> tuple[str, ...]:
    host = f"[{server.address}]" if ":" in server.address else server.address
    return (
        *("curl", "--disable", "--silent", "--noproxy", "*", "--output", "/dev/null"),
        *("--connect-timeout", f"{CONNECT_TIMEOUT_S:g}", "--max-time", "2"),
        *("--write-out", "%{time_connect}\\n", f"http://{host}:{server.ports[service]}/"),
    )


def _judged(part: PolicyPart, took_s: float | None, *, enforced: str, otherwise: str) -> PartTried:
    return PartTried(
        part=part,
        standing=Standing.NOT_ENFORCED if took_s is None else Standing.ENFORCED,
        took_s=took_s,
        detail=otherwise if took_s is None else enforced,
    )
