"""One run: opens the target, measures, and closes the target whatever happened.

::

    async with Session(plan=plan, target=target, ...) as session:
        await session.run()

The context manager is what makes clean-up certain: its exit removes everything and cannot be
cancelled, only abandoned (:meth:`Session.abandon`). Faces never own it; they are sinks that are
told events.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from cniadvisor.bench.driver import Driver
from cniadvisor.bench.endpoints import Endpoints, Target
from cniadvisor.bench.measuring import Measuring
from cniadvisor.bench.node_watch import NodeWatch
from cniadvisor.bench.stream import EventStream, Sink
from cniadvisor.bench.turns import Turns
from cniadvisor.domain.commands import cleanup_command_at
from cniadvisor.domain.errors import (
    AccessError,
    BenchmarkError,
    CleanupError,
    CniAdvisorError,
)
from cniadvisor.domain.events import (
    AgentsMeasured,
    CleanupStep,
    Outcome,
    Phase,
    PolicyProbed,
    RunFinished,
    RunStarted,
)
from cniadvisor.domain.findings import Findings
from cniadvisor.domain.measurement import AgentsCost, PathName, TestName, Trial
from cniadvisor.domain.plan import Plan
from cniadvisor.domain.probe import PolicyProbe
from cniadvisor.domain.text import printable

Progress = Callable[[str], None]
"""Told in sentences how something goes on."""

CHECK_EVERY_S = 5.0
"""How often the target is asked whether the run must stop."""

UNREACHABLE_CHECKS = 4
"""So many of those checks may fail in a row before the cluster counts as gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What the events tell beside plan and target.

    ``agents`` is asked at the end what the CNI's agents took meanwhile; None where
    nobody watches them.
    """

    findings: Findings
    command: str
    tool_version: str
    agents: Callable[[], AgentsCost] | None = None


class Session:
    """Measures ``plan`` at ``target``; see the module's docstring.

    ``turns`` are for several sessions on one machine: without them this one has it for itself.
    """

    def __init__(
        self,
        *,
        plan: Plan,
        target: Target,
        drivers: Mapping[TestName, Driver],
        story: Story,
        sinks: Sequence[Sink],
        turns: Turns | None = None,
    ) -> None:
        self._plan = plan
        self._target = target
        self._drivers = drivers
        self._story = story
        self._stream = EventStream(sinks)
        self._turns = turns or Turns()
        self._endpoints: Endpoints | None = None
        self._trials: list[Trial] = []
        self._closing: asyncio.Task[None] | None = None
        self._abandoned = False

    async def __aenter__(self) -> Self:
        """Open the target.

        Raises:
            CniAdvisorError: the target could not be opened; what it had made is removed again.
        """
        self._stream.tell(
            RunStarted(
                at_s=0.0,
                started_at=_utc_now(),
                tool_version=self._story.tool_version,
                command=self._story.command,
                plan=self._plan,
                target=self._target.facts(),
                findings=self._story.findings,
            )
        )
        self._warn_of_the_place()
        try:
            self._stream.phase(Phase.OPEN, "opening both ends of every path")
            self._endpoints = await self._target.open(
                self._plan, lambda text: self._stream.phase(Phase.OPEN, printable(text))
            )
        except BaseException as error:
            await self._end(error)
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the target, whatever happened.

        Raises:
            CleanupError: something of ours is left.
        """
        await self._end(error)

    async def run(self) -> None:
        """Measure everything the plan asks for.

        Raises:
            BenchmarkError: a test got no figure, or the target is in trouble. What was measured
                has been told.
            ClusterError: the cluster went away.
        """
        if self._endpoints is None:
            raise RuntimeError("the session is not open")
        async with NodeWatch(self._endpoints, self._stream, self._plan.suite) as watch:
            measuring = Measuring(
                plan=self._plan,
                endpoints=self._endpoints,
                drivers=self._drivers,
                watch=watch,
                stream=self._stream,
                trials=self._trials,
                sound=self._sound,
                turns=self._turns,
            )
            await self._until_done_or_trouble(measuring)
        missing = self._tests_without_figure()
        if missing:
            failures = [trial.failure for trial in self._trials if trial.failure is not None]
            why = f": {failures[-1]}" if failures else "; the warnings say why"
            raise BenchmarkError(f"no figure for {', '.join(missing)}{why}")

    async def probe(self, probing: Callable[[Endpoints, Progress], Awaitable[PolicyProbe]]) -> None:
        """Run an experiment between the opened endpoints and tell what it found.

        Raises:
            CniAdvisorError: it could not be finished.
        """
        if self._endpoints is None:
            raise RuntimeError("the session is not open")
        found = await probing(
            self._endpoints, lambda text: self._stream.phase(Phase.PROBE, printable(text))
        )
        self._stream.tell(PolicyProbed(at_s=self._stream.at(), probe=found))

    def abandon(self) -> None:
        """Leave now: cut a clean-up short. What is left is told as a CleanupError."""
        self._abandoned = True
        if self._closing is not None:
            self._closing.cancel()

    async def _until_done_or_trouble(self, measuring: Measuring) -> None:
        work = asyncio.create_task(measuring.run())
        guard = asyncio.create_task(self._guard())
        try:
            await asyncio.wait((work, guard), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                guard.result()  # raises why the run must stop
            await work
        finally:
            for task in (work, guard):
                task.cancel()
            await asyncio.gather(work, guard, return_exceptions=True)

    async def _guard(self) -> None:
        """Raise when the run must stop; it never returns."""
        while True:
            await asyncio.sleep(CHECK_EVERY_S)
            await self._sound()

    async def _sound(self) -> None:
        """Return when the target answers and is well.

        Raises:
            ClusterError: it stayed silent.
            BenchmarkError: it says that the run must stop.
        """
        for silent in range(1, UNREACHABLE_CHECKS + 1):
            try:
                trouble = await self._target.trouble()
            except AccessError:
                raise
            except CniAdvisorError:
                if silent == UNREACHABLE_CHECKS:
                    raise
                await asyncio.sleep(CHECK_EVERY_S)
                continue
            if trouble is not None:
                raise BenchmarkError(
                    f"stopped: {printable(trouble)}",
                    hint="the figures measured so far are kept; look at the node before you go on",
                )
            return

    def _warn_of_the_place(self) -> None:
        pair = self._target.facts().pair
        if pair.one_machine:
            self._stream.warn(
                "one-machine",
                f"{printable(pair.client.name)} and {printable(pair.server.name)} are one machine "
                "(equal boot ids): the wire between them is virtual",
                "CPU and memory are the machine's, told once; compare ratios, not the figures, "
                "with other places",
            )
        if pair.crosses_zones:
            self._stream.warn(
                "cross-zone",
                f"the nodes are in zones {printable(pair.client.zone or '')} and "
                f"{printable(pair.server.zone or '')}",
                "traffic between zones may cost money, and the figures include the way between",
            )

    # -- the end

    async def _end(self, error: BaseException | None) -> None:
        self._turns.leave()
        self._stream.phase(Phase.CLOSE, "removing what this run made")
        leftover = await self._close()
        if self._story.agents is not None and self._trials:
            # After clean-up: the metrics API tells of a window only some seconds after its end.
            agents = self._story.agents()
            self._stream.tell(AgentsMeasured(at_s=self._stream.at(), agents=agents))
        outcome, reason = self._outcome(error)
        self._stream.tell(
            RunFinished(
                at_s=self._stream.at(), finished_at=_utc_now(), outcome=outcome, reason=reason
            )
        )
        if leftover is not None:
            raise leftover from error

    async def _close(self) -> CleanupError | None:
        """Close the target. Cancelling the caller does not cut it short, abandoning does."""
        self._closing = asyncio.create_task(self._target.close(self._removed))
        if self._abandoned:
            self._closing.cancel()
        while not self._closing.done():
            with suppress(asyncio.CancelledError, Exception):
                await asyncio.shield(self._closing)
        if self._closing.cancelled():
            return CleanupError(
                f"clean-up was cut short: objects of run {self._plan.run_id} may be left",
                hint=self._removing,
            )
        error = self._closing.exception()
        if error is None or isinstance(error, CleanupError):
            return error
        text = error.message if isinstance(error, CniAdvisorError) else type(error).__name__
        return CleanupError(
            f"clean-up of run {self._plan.run_id} failed: {printable(text)}",
            hint=self._removing,
        )

    @property
    def _removing(self) -> str:
        """How what is left is removed."""
        facts = self._target.facts()
        if facts.kind == "lab":
            return "all of it goes when cniadvisor ends"
        return f"remove what is left with: {cleanup_command_at(facts, self._plan.run_id)}"

    def _removed(self, what: str, error: str | None) -> None:
        self._stream.tell(
            CleanupStep(
                at_s=self._stream.at(),
                what=printable(what),
                error=None if error is None else printable(error),
            )
        )

    def _outcome(self, error: BaseException | None) -> tuple[Outcome, str]:
        measured = any(trial.failure is None for trial in self._trials)
        match error:
            case None:
                return Outcome.COMPLETE, ""
            case CniAdvisorError():
                reason = error.message
            case asyncio.CancelledError() | KeyboardInterrupt():
                reason = "interrupted"
            case _:
                reason = f"internal error: {type(error).__name__}"
        return (Outcome.PARTIAL if measured else Outcome.FAILED), printable(reason)

    def _tests_without_figure(self) -> list[TestName]:
        told = {
            trial.id.test
            for trial in self._trials
            if trial.failure is None and trial.id.path is PathName.POD
        }
        return [test for test in self._plan.suite.tests if test not in told]


def _utc_now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
