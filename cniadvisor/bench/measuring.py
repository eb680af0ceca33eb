"""What happens between opening and closing: prove, warm up, watch idle nodes, run the rounds."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby
from typing import TypeAlias

from cniadvisor.bench.driver import Driver, Measurement, Running, Second, Told, TrialFailed
from cniadvisor.bench.endpoints import CommandTimedOut, EndpointLost, Endpoints
from cniadvisor.bench.nic import read_nic
from cniadvisor.bench.node_watch import NodeWatch
from cniadvisor.bench.schedule import retries, round_trials, wants_more
from cniadvisor.bench.stream import EventStream
from cniadvisor.bench.turns import Turns
from cniadvisor.domain.errors import BenchmarkError
from cniadvisor.domain.events import (
    IdleMeasured,
    NicSeen,
    PathProven,
    Phase,
    ThroughputSample,
    TrialFinished,
    TrialStarted,
)
from cniadvisor.domain.measurement import NicProof, PathName, Role, TestName, Trial, TrialId
from cniadvisor.domain.plan import Plan
from cniadvisor.domain.text import printable
from cniadvisor.stats.traffic import saw_other_traffic, times_payload

Place: TypeAlias = tuple[TestName, PathName]
"""What is measured where."""

_FAILURES = (TrialFailed, CommandTimedOut, EndpointLost)
"""What a trial may end with; everything else ends the run."""


@dataclass(slots=True, kw_only=True)
class _Heard:
    """What a tool has told so far."""

    timed_from_s: float
    samples_mbit_per_s: list[float] = field(default_factory=list[float])
    measurement: Measurement | None = None
    failure: str | None = None
    error: BenchmarkError | None = None


class Measuring:
    """Measures ``plan`` between opened endpoints; :attr:`trials` grows as it goes.

    ``turns`` are shared with the sessions that measure on the same machine; what makes a pair runs
    in one turn. ``sound`` returns when the target is well and raises when the run must stop: it is
    asked after a lost connection, or one break would fail every trial that is left.
    """

    def __init__(
        self,
        *,
        plan: Plan,
        endpoints: Endpoints,
        drivers: Mapping[TestName, Driver],
        watch: NodeWatch,
        stream: EventStream,
        trials: list[Trial],
        sound: Callable[[], Awaitable[None]],
        turns: Turns,
    ) -> None:
        self._plan = plan
        self._endpoints = endpoints
        self._drivers = drivers
        self._watch = watch
        self._stream = stream
        self.trials = trials
        self._sound = sound
        self._turns = turns

    async def run(self) -> None:
        """Run the whole plan.

        Raises:
            BenchmarkError: the pod path can't be used.
        """
        places = await self._warm_up()
        self._watch.tell_cpus()
        await self._tell_nics()
        await self._turns.together()
        await self._idle()
        await self._turns.together()
        self._stream.phase(Phase.MEASURE, f"{self._plan.trial_count} trials in random order")
        suite = self._plan.suite
        wanting = set(suite.tests)
        for number in range(1, suite.max_rounds + 1):
            if number > suite.rounds:
                wanting = {test for test in wanting if wants_more(suite, test, self.trials)}
            if not wanting:
                break
            await self._round(number, {place for place in places if place[0] in wanting})
        # Clean-up is work too: it waits until the others have measured.
        await self._turns.together()

    async def _round(self, number: int, places: set[Place]) -> None:
        order = round_trials(seed=self._plan.seed, round_number=number, places=places)
        await self._back_to_back(retries(await self._back_to_back(order)))

    async def _back_to_back(self, order: Sequence[TrialId]) -> list[Trial]:
        """Run trials in their order; those of one test follow each other without a stranger."""
        done: list[Trial] = []
        for _, pair in groupby(order, key=lambda trial: trial.test):
            async with self._turns.alone():
                done += [await self._trial(trial_id) for trial_id in pair]
        return done

    # -- before the first trial

    async def _warm_up(self) -> set[Place]:
        """Reach every server once and throw that transfer away; return what can be measured.

        On a path that works for others, a test that failed is tried once more: a busy machine
        spoils a transfer now and then, and a test left out is lost for the whole run. One that
        does not work on the pod path is left out whole; one that fails on the host path alone
        loses its baseline.

        Raises:
            BenchmarkError: no test works on the pod path.
        """
        for notice in self._endpoints.notices:
            self._stream.warn(notice.code, notice.text, notice.advice)
        for path, reason in self._endpoints.refused.items():
            self._lost(path, reason)
        self._stream.phase(
            Phase.WARM_UP, "one transfer for each test and path proves the way and is thrown away"
        )
        working: set[Place] = set()
        for path in self._endpoints.paths:
            tools: dict[str, str] = {}
            unreached: dict[TestName, str] = {}
            for test in self._plan.suite.tests:
                await self._try_once(test, path, tools, unreached)
            if tools:
                for test in tuple(unreached):
                    await self._try_once(test, path, tools, unreached)
                working |= {(t, path) for t in self._plan.suite.tests if t not in unreached}
                self._tell_path(path, tools)
                self._tell_unreached(path, unreached)
            else:
                self._lost(path, next(iter(unreached.values())))
        on_pods = {test for test, path in working if path is PathName.POD}
        return {(test, path) for test, path in working if test in on_pods}

    async def _try_once(
        self,
        test: TestName,
        path: PathName,
        tools: dict[str, str],
        unreached: dict[TestName, str],
    ) -> None:
        """Run a transfer and note its tool, or why it failed."""
        try:
            async with self._turns.alone():
                tool, version = await self._transfer(test, path)
        except _FAILURES as error:
            unreached[test] = self._unreached(path, error)
            await self._after(error)
        else:
            tools[tool] = version
            unreached.pop(test, None)

    def _tell_unreached(self, path: PathName, unreached: Mapping[TestName, str]) -> None:
        for test, reason in unreached.items():
            if path is PathName.HOST:
                self._stream.warn(
                    f"no-baseline-{test}",
                    f"{test} has no host-network baseline: {reason}",
                    "its pod figures stand alone",
                )
            else:
                self._stream.warn(
                    f"no-figure-{test}",
                    f"{test} does not work on the pod network and is left out: {reason}",
                    "a NetworkPolicy may let some ports through and others not",
                )

    async def _transfer(self, test: TestName, path: PathName) -> tuple[str, str]:
        """Run one trial that is thrown away; return the tool and its version."""
        tool = ("", "")
        await self._drivers[test].prepare(
            self._endpoints.client(path), self._endpoints.server(path)
        )
        async with self._begin(test, path, self._plan.suite.warm_up_s) as telling:
            async for told in telling:
                if isinstance(told, Measurement):
                    tool = (told.tool, told.tool_version)
        return tool

    def _unreached(self, path: PathName, error: BenchmarkError) -> str:
        client, server = self._endpoints.client(path), self._endpoints.server(path)
        return (
            f"from {client.address} on node {printable(client.node)} to {server.address} on node "
            f"{printable(server.node)}: {error.message}"
        )

    def _lost(self, path: PathName, reason: str) -> None:
        if path is PathName.POD:
            raise BenchmarkError(
                f"nothing can be measured on the pod network: {printable(reason)}",
                hint="a NetworkPolicy, a firewall or a broken CNI may stand between the nodes",
            )
        self._stream.warn(
            "no-baseline",
            f"no host-network baseline: {printable(reason)}",
            "the pod figures stand alone: no ratio, no NIC facts, and it is not proven that the "
            "traffic crossed the NIC",
        )

    def _tell_path(self, path: PathName, tools: Mapping[str, str]) -> None:
        header = self._watch.header(Role.CLIENT, path)
        self._stream.tell(
            PathProven(
                at_s=self._stream.at(),
                path=path,
                client_address=self._endpoints.client(path).address,
                server_address=self._endpoints.server(path).address,
                interface=printable(header.interface) if header and header.interface else "",
                mtu=header.mtu if header else None,
                tools=tools,
            )
        )

    async def _tell_nics(self) -> None:
        for role in Role if self._has_baseline() else ():
            header = self._watch.header(role, PathName.HOST)
            if header is None or header.interface is None:
                continue
            endpoint = self._endpoints.opened[role, PathName.HOST]
            nic = await read_nic(endpoint, header.interface, header.mtu)
            self._stream.tell(NicSeen(at_s=self._stream.at(), nic=nic))

    async def _idle(self) -> None:
        seconds = self._plan.suite.idle_s
        self._stream.phase(Phase.IDLE, f"watching both nodes for {seconds:g} s without load")
        start = self._stream.at()
        await asyncio.sleep(seconds)
        await self._watch.caught_up()
        for role in Role:
            load = self._watch.load(role, start, self._stream.at())
            if load is not None:
                self._stream.tell(
                    IdleMeasured(
                        at_s=self._stream.at(),
                        role=role,
                        cpu=load.cpu,
                        memory_used_mib=load.memory_used_mib,
                        window_s=load.window_s,
                    )
                )

    # -- one trial

    async def _trial(self, trial_id: TrialId) -> Trial:
        """Run one trial and tell it; a failure of the tool or an endpoint is a result too."""
        begun = self._stream.at()
        self._stream.tell(TrialStarted(at_s=begun, trial=trial_id))
        heard = await self._hear(trial_id, _Heard(timed_from_s=begun))
        ended = self._stream.at()
        trial = Trial(
            id=trial_id,
            started_s=begun,
            duration_s=ended - begun,
            samples_mbit_per_s=tuple(heard.samples_mbit_per_s),
            failure=heard.failure,
        )
        if heard.measurement is not None:
            await self._watch.caught_up()
            loads = {role: self._watch.load(role, heard.timed_from_s, ended) for role in Role}
            trial = replace(
                trial,
                figures=heard.measurement.figures,
                facts=heard.measurement.facts,
                load={role: load for role, load in loads.items() if load is not None},
                nic=self._nic_proof(begun, ended, heard.measurement.payload_bytes),
            )
        self.trials.append(trial)
        self._stream.tell(TrialFinished(at_s=self._stream.at(), trial=trial))
        self._judge_nic(trial)
        if heard.error is not None:
            await self._after(heard.error)
        return trial

    async def _after(self, error: BenchmarkError) -> None:
        """Go on after a failure, but not before a lost connection is back."""
        if isinstance(error, EndpointLost):
            await self._sound()

    async def _hear(self, trial_id: TrialId, heard: "_Heard") -> "_Heard":
        """Run the tool and tell every second of it; return what it told in the end."""
        wire = partial(self._tell_wire, trial_id, heard)
        try:
            async with self._begin(
                trial_id.test, trial_id.path, self._plan.suite.duration_s
            ) as telling:
                with self._watch.listening(wire):
                    async for told in telling:
                        match told:
                            case Running():
                                heard.timed_from_s = self._stream.at()
                            case Second():
                                heard.samples_mbit_per_s.append(told.mbit_per_s)
                                self._tell_second(trial_id, told)
                            case Measurement():
                                heard.measurement = told
        except _FAILURES as error:
            heard.measurement = None
            heard.failure = printable(error.message)
            heard.error = error
        else:
            heard.failure = None if heard.measurement else "the tool ended without a figure"
        return heard

    def _begin(
        self, test: TestName, path: PathName, seconds: float
    ) -> aclosing[AsyncGenerator[Told]]:
        """Start a trial; leaving the context stops its command on the far side."""
        client, server = self._endpoints.client(path), self._endpoints.server(path)
        return aclosing(self._drivers[test].trial(client, server, seconds=seconds))

    def _tell_wire(
        self, trial_id: TrialId, heard: "_Heard", path: PathName, mbit_per_s: float
    ) -> None:
        if path is not trial_id.path or self._drivers[trial_id.test].tells_seconds:
            return
        now = self._stream.at()
        self._stream.tell(
            ThroughputSample(
                at_s=now,
                trial=trial_id,
                second=now - heard.timed_from_s,
                mbit_per_s=mbit_per_s,
                on_the_wire=True,
            )
        )

    def _tell_second(self, trial_id: TrialId, second: Second) -> None:
        self._stream.tell(
            ThroughputSample(
                at_s=self._stream.at(),
                trial=trial_id,
                second=second.end_s,
                mbit_per_s=second.mbit_per_s,
            )
        )

    def _nic_proof(self, start_s: float, end_s: float, payload_bytes: int) -> NicProof | None:
        """Count the client node's NIC from before the tool was started to after it ended.

        What the tool tells of its start arrives late when the machine is busy: counting from
        then misses the first bytes.
        """
        header = self._watch.header(Role.CLIENT, PathName.HOST) if self._has_baseline() else None
        counted = self._watch.nic(Role.CLIENT, start_s, end_s)
        if header is None or header.interface is None or counted is None:
            return None
        return NicProof(
            interface=printable(header.interface),
            rx_bytes=counted.rx_bytes,
            tx_bytes=counted.tx_bytes,
            payload_bytes=payload_bytes,
        )

    def _has_baseline(self) -> bool:
        return PathName.HOST in self._endpoints.paths

    def _judge_nic(self, trial: Trial) -> None:
        nic = trial.nic
        if nic is None:
            return
        if nic.bypassed:
            self._stream.warn(
                "path-not-proven",
                f"{trial.id}: {nic.payload_bytes} bytes arrived but NIC {nic.interface} counted "
                f"only {nic.rx_bytes}: the traffic did not cross it",
                "look at the nodes' routes: another interface may carry the traffic",
            )
        elif saw_other_traffic(trial):
            self._stream.warn(
                "other-traffic",
                f"{trial.id}: NIC {nic.interface} counted {times_payload(trial):.1f} times the "
                "payload: others used the wire meanwhile",
                "repeat the run when the nodes are quieter",
            )
