"""The probe's judgement, against clusters that enforce all, nothing, or part of a policy."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

import pytest

from cniadvisor.bench.endpoints import Command, Endpoints, Exit, RunningCommand, Service
from cniadvisor.domain.errors import AccessError
from cniadvisor.domain.measurement import PathName, Role
from cniadvisor.domain.probe import Enforcement, PolicyPart, PolicyProbe, Standing
from cniadvisor.probe.network_policy import Timing, probe_network_policy
from cniadvisor.probe.policies import ALLOWED, OTHER, Rule

PORTS = {ALLOWED: 8080, OTHER: 2121}
QUICK = Timing(within_s=0.1, hold_s=0.02, between_s=0.005)

Enforces = Callable[[set[Rule], Service], bool]
"""Whether a connection to a server is let through while these rules are there."""


def kubernetes(rules: set[Rule], service: Service) -> bool:
    """What NetworkPolicy means: policies on a pod add up, and without one everything goes."""
    if Rule.DENY_EGRESS in rules:
        return False
    on_server = rules - {Rule.DENY_EGRESS}
    return not on_server or (Rule.ALLOW_CLIENT in on_server and service is ALLOWED)


@dataclass
class Cluster:
    """Answers connections by its rules; an endpoint and its policies in one."""

    enforces: Enforces
    rules: set[Rule] = field(default_factory=set[Rule])
    applied: list[Rule] = field(default_factory=list[Rule])
    refuses: bool = False
    role: Role = Role.CLIENT
    path: PathName = PathName.POD
    node: str = "node1"
    address: str = "10.244.1.2"
    ports: Mapping[Service, int] = field(default_factory=lambda: PORTS)

    async def apply(self, rule: Rule) -> None:
        if self.refuses:
            raise AccessError("a right is missing: create networkpolicies")
        self.rules.add(rule)
        self.applied.append(rule)

    async def remove(self, rule: Rule) -> None:
        self.rules.discard(rule)

    def start(self, command: Command) -> AbstractAsyncContextManager[RunningCommand]:
        return self._started(command)

    @asynccontextmanager
    async def _started(self, command: Command) -> AsyncGenerator[RunningCommand]:
        (service,) = (s for s, port in PORTS.items() if command.argv[-1].endswith(f":{port}/"))
        yield Answer(through=self.enforces(self.rules, service))

    async def counters(self) -> AsyncIterator[bytes]:
        yield b""


@dataclass
class Answer:
    through: bool

    async def lines(self) -> AsyncIterator[bytes]:
        yield b"0.000412" if self.through else b"0.000000"

    async def exit(self) -> Exit:
        # curl fails on vsftpd's greeting although the connection came about.
        return Exit(status=1, stderr="")


async def probed(cluster: Cluster) -> PolicyProbe:
    endpoints = Endpoints(
        opened={(role, PathName.POD): cluster for role in Role},
    )
    told: list[str] = []
    found = await probe_network_policy(endpoints, cluster, tell=told.append, timing=QUICK)
    assert cluster.rules == set(), "no policy is left"
    return found


def standings(probe: PolicyProbe) -> dict[PolicyPart, Standing]:
    return {tried.part: tried.standing for tried in probe.parts}


async def test_what_kubernetes_means_is_enforced() -> None:
    found = await probed(Cluster(kubernetes))
    assert set(standings(found).values()) == {Standing.ENFORCED}
    assert list(standings(found)) == list(PolicyPart)
    assert found.enforcement is Enforcement.ENFORCED
    assert all(
        tried.took_s is not None for tried in found.parts if tried.part is not PolicyPart.LABEL
    )


async def test_nothing_acts_on_policies() -> None:
    found = await probed(Cluster(lambda rules, service: True))
    assert standings(found) == {
        PolicyPart.DENY_INGRESS: Standing.NOT_ENFORCED,
        PolicyPart.LABEL: Standing.UNTOLD,
        PolicyPart.PORT: Standing.UNTOLD,
        PolicyPart.DENY_EGRESS: Standing.NOT_ENFORCED,
    }
    assert found.enforcement is Enforcement.NOT_ENFORCED
    assert all(tried.took_s is None for tried in found.parts)


def without_egress(rules: set[Rule], service: Service) -> bool:
    return kubernetes(rules - {Rule.DENY_EGRESS}, service)


def without_ports(rules: set[Rule], service: Service) -> bool:
    return kubernetes(rules, ALLOWED)


def without_labels(rules: set[Rule], service: Service) -> bool:
    named = {Rule.ALLOW_CLIENT if rule is Rule.ALLOW_STRANGER else rule for rule in rules}
    return kubernetes(named, service)


def lets_nothing_in_any_more(rules: set[Rule], service: Service) -> bool:
    return kubernetes({Rule.DENY_INGRESS} if rules - {Rule.DENY_EGRESS} else rules, service)


@pytest.mark.parametrize(
    ("enforces", "part"),
    [
        (without_egress, PolicyPart.DENY_EGRESS),
        (without_ports, PolicyPart.PORT),
        (without_labels, PolicyPart.LABEL),
        (lets_nothing_in_any_more, PolicyPart.PORT),
    ],
)
async def test_the_part_that_is_missing_is_named(enforces: Enforces, part: PolicyPart) -> None:
    found = await probed(Cluster(enforces))
    assert [p for p, standing in standings(found).items() if standing is not Standing.ENFORCED] == [
        part
    ]
    assert found.enforcement is Enforcement.PARTLY


async def test_pods_that_do_not_reach_each_other_tell_nothing() -> None:
    cluster = Cluster(lambda rules, service: False)
    found = await probed(cluster)
    assert found.enforcement is Enforcement.UNKNOWN
    assert "before any policy" in found.reason
    assert cluster.applied == [], "what can't tell is not tried"


async def test_a_missing_right_is_told_and_nothing_stays() -> None:
    cluster = Cluster(kubernetes, refuses=True)
    with pytest.raises(AccessError, match="networkpolicies"):
        await probed(cluster)
    assert cluster.rules == set()


async def test_the_way_is_open_again_when_it_ends() -> None:
    shut_for = 0

    def lingering(rules: set[Rule], service: Service) -> bool:
        nonlocal shut_for
        if rules:
            shut_for = 3 if Rule.DENY_EGRESS in rules else 0
            return kubernetes(rules, service)
        shut_for = max(0, shut_for - 1)
        return shut_for == 0

    cluster = Cluster(lingering)
    await probed(cluster)
    assert lingering(set(), ALLOWED), "a trial that follows finds it open"


async def test_a_policy_that_takes_a_moment_is_waited_for() -> None:
    asked = 0

    def slow(rules: set[Rule], service: Service) -> bool:
        nonlocal asked
        asked += 1 if rules else 0
        return kubernetes(rules, service) if asked > 4 else True

    found = await probed(Cluster(slow))
    assert found.enforcement is Enforcement.ENFORCED
    first = found.parts[0]
    assert first.took_s is not None
    assert first.took_s > 0
