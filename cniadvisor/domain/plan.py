"""What a run is going to do, written down before anything is created."""

from dataclasses import dataclass

from cniadvisor.domain.measurement import PathName, TestName


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """How often and how long each test runs.

    Attributes:
        rounds: rounds that always run; each gives one pod/host pair a test.
        max_rounds: rounds after which a test stops although its interval is still wide.
        target_half_width_percent: more rounds run until the ratio's interval is at most this wide
            (stopping looks at the width, never at the verdict); None runs exactly ``rounds``.
        duration_s: seconds of one trial.
        warm_up_s: seconds of the one transfer per test and path that is thrown away.
        idle_s: seconds both nodes are watched without load before the first trial.
        streams: parallel streams of tcp-multi, before it is lowered to the nodes' cores.
    """

    name: str
    tests: tuple[TestName, ...]
    rounds: int
    max_rounds: int
    target_half_width_percent: float | None
    duration_s: float
    warm_up_s: float
    idle_s: float
    streams: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFacts:
    """What the API tells about a node; None where it does not tell."""

    name: str
    internal_ip: str | None
    ready: bool
    schedulable: bool
    tainted: bool
    control_plane: bool
    operating_system: str
    architecture: str
    kernel: str
    os_image: str
    kubelet_version: str
    container_runtime: str
    cpu_millicores: int
    memory_mib: int
    requested_cpu_millicores: int | None
    zone: str | None
    instance_type: str | None
    boot_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePair:
    """The two nodes a run uses, and the sentence that says why these."""

    client: NodeFacts
    server: NodeFacts
    reason: str

    @property
    def one_machine(self) -> bool:
        """Equal boot ids: both "nodes" are one machine and the wire between them is virtual."""
        return self.client.boot_id is not None and self.client.boot_id == self.server.boot_id

    @property
    def crosses_zones(self) -> bool:
        """Both zones are known and differ: the traffic may cost money."""
        zones = (self.client.zone, self.server.zone)
        return None not in zones and zones[0] != zones[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedObject:
    """One object that will be created, as the user would look for it."""

    kind: str
    name: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFacts:
    """Where a run happens and what it creates there.

    Attributes:
        kind: kubernetes or lab.
        context: the kubeconfig's context name, or what the target is called.
        server: API server host and port; never credentials.
        creates: every object that will be created.
        image: the image the pods run, by digest where it is known.
    """

    kind: str
    context: str
    server: str
    server_version: str
    namespace: str
    creates_namespace: bool
    creates: tuple[PlannedObject, ...]
    image: str
    pair: NodePair


_SET_UP_S = 30.0
"""Opening and closing, as seen on an idle cluster that has the image."""

_PROBE_S = 30.0
"""The probe of NetworkPolicy where nothing acts on policies, as seen; elsewhere it is shorter."""

_BETWEEN_S = 0.6
"""Starting a tool by exec, and waiting for the samplers, as seen."""

_SOCKPERF_SLEEP_S = 2.0
"""sockperf sleeps before each of its tests, whatever it is asked for."""

_UDP_MAX_S = 20.0
"""udp-max searches in steps of 2 s, whatever the suite's duration: 4 to 28 s, mostly 14 or more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The measuring part of a run; with the seed it fixes the order of every trial.

    ``max_rate_mbit_per_s`` is what no test may exceed; the ratios then say whether both paths
    reach it. ``probes_policy``: whether NetworkPolicy is enforced is tried before the first trial.
    """

    run_id: str
    suite: Suite
    paths: tuple[PathName, ...]
    seed: int
    streams: int
    max_rate_mbit_per_s: float | None = None
    probes_policy: bool = False

    @property
    def trial_count(self) -> int:
        """Trials of the rounds that always run."""
        return self.suite.rounds * len(self.suite.tests) * len(self.paths)

    @property
    def measuring_s(self) -> float:
        """Seconds of measuring in the rounds that always run."""
        return self.suite.rounds * self._round_s

    @property
    def expected_s(self) -> float:
        """Seconds the run is expected to take on a cluster, set-up and clean-up included."""
        return _SET_UP_S + self.probing_s + self.running_s

    @property
    def probing_s(self) -> float:
        """Seconds the probe is expected to take; 0 without one."""
        return _PROBE_S if self.probes_policy else 0.0

    @property
    def running_s(self) -> float:
        """Seconds from the first warm-up to the last trial (an estimate)."""
        between = self.suite.rounds * self._between_s
        return self._warming_up_s + self.suite.idle_s + self.measuring_s + between

    @property
    def longest_s(self) -> float:
        """Seconds after which everything in the cluster ends by itself, whatever happened.

        Room for the warm-up and every round the suite allows, and half as much again; a run in
        which most trials hang until their deadline is not worth more.
        """
        most = self._warming_up_s + self.suite.max_rounds * (self._round_s + self._between_s)
        return 600 + 4 * self.probing_s + self.suite.idle_s + 1.5 * most

    @property
    def _warming_up_s(self) -> float:
        """Seconds of the transfers that are thrown away, starting their tools included."""
        return len(self.suite.tests) * len(self.paths) * self.suite.warm_up_s + self._between_s

    @property
    def _between_s(self) -> float:
        """Seconds of one round in which nothing is measured."""
        sleeping = (TestName.LATENCY_TCP, TestName.LATENCY_UDP)
        return len(self.paths) * sum(
            _BETWEEN_S + (_SOCKPERF_SLEEP_S if test in sleeping else 0.0)
            for test in self.suite.tests
        )

    @property
    def _round_s(self) -> float:
        return len(self.paths) * sum(
            _UDP_MAX_S if test is TestName.UDP_MAX else self.suite.duration_s
            for test in self.suite.tests
        )
