"""iperf3 with UDP: ``udp-max``, the highest rate that loses at most 0.1 %.

A trial is a search (``rate_search``): at most 7 rates, a rate passes if 2 of 2 transfers of 2 s do.
It takes 4 to 28 s, mostly 14 or more, whatever the suite's seconds. It begins at what ``udp`` would
deliver: the first trial on a path, the warm-up, is a transfer at full blast whose goodput is
remembered, so every trial of a run begins at the same rate. The figure is what iperf3 says was
received in the slower of the two transfers at the highest passing rate, not the rate that was asked
for.

That no rate passes is a result, not a failure: the measurement then has no
``highest_rate_mbit_per_s``, its fact ``result`` says ``not reached`` and below which rate, and
every step is among the facts.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import ClassVar

from cniadvisor.bench.driver import Measurement, Running, Second, Told
from cniadvisor.bench.drivers.iperf3 import Ended, Started, transfer
from cniadvisor.bench.drivers.iperf3_udp import Iperf3Udp, counted, udp_command
from cniadvisor.bench.drivers.rate_search import (
    RUNS_PER_STEP,
    Run,
    Step,
    best_step,
    lowest_failing,
    next_rate,
)
from cniadvisor.bench.endpoints import Endpoint
from cniadvisor.domain.measurement import GOODPUT, LOSS_FREE_RATE, PathName
from cniadvisor.domain.text import printable
from cniadvisor.domain.units import mbit_per_s_of_bits

RUN_S = 2
"""Seconds of one transfer of a search."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Iperf3UdpMax:
    """Searches the highest UDP rate without loss, never above ``max_rate``."""

    tells_seconds: ClassVar[bool] = True

    max_rate_mbit_per_s: float | None = None
    _starts: dict[PathName, float] = field(default_factory=dict[PathName, float], init=False)

    async def prepare(self, client: Endpoint, server: Endpoint) -> None:
        """Forget where an earlier search on this path began: the warm-up finds it anew."""
        self._starts.pop(client.path, None)

    async def trial(
        self, client: Endpoint, server: Endpoint, *, seconds: float
    ) -> AsyncGenerator[Told]:
        """Run one trial (see :class:`cniadvisor.bench.driver.Driver`)."""
        start = self._starts.get(client.path)
        trial = (
            self._full_blast(client, server, seconds)
            if start is None
            else self._search(client, server, start)
        )
        async with aclosing(trial) as telling:
            async for told in telling:
                yield told

    async def _full_blast(
        self, client: Endpoint, server: Endpoint, seconds: float
    ) -> AsyncGenerator[Told]:
        udp = Iperf3Udp(max_rate_mbit_per_s=self.max_rate_mbit_per_s)
        async with aclosing(udp.trial(client, server, seconds=seconds)) as telling:
            async for told in telling:
                if isinstance(told, Measurement):
                    self._starts[client.path] = told.figures[GOODPUT.key]
                yield told

    async def _search(
        self, client: Endpoint, server: Endpoint, start_mbit_per_s: float
    ) -> AsyncGenerator[Told]:
        steps: tuple[Step, ...] = ()
        version, payload_bytes, elapsed_s = "", 0, 0.0
        while True:
            rate = next_rate(
                steps, start_mbit_per_s=start_mbit_per_s, most_mbit_per_s=self.max_rate_mbit_per_s
            )
            if rate is None:
                break
            runs: list[Run] = []
            while len(runs) < RUNS_PER_STEP and all(run.passes for run in runs):
                async with aclosing(transfer(client, udp_command(server, RUN_S, rate))) as telling:
                    async for told in telling:
                        match told:
                            case Started(version=version):
                                if not steps and not runs:
                                    yield Running()
                            case Second():
                                yield replace(told, end_s=elapsed_s + told.end_s)
                            case Ended() as end:
                                runs.append(_run(end))
                                payload_bytes += end.received_bytes
                elapsed_s += RUN_S
            steps = (*steps, Step(rate_mbit_per_s=rate, runs=tuple(runs)))
        yield Measurement(
            tool="iperf3",
            tool_version=printable(version, limit=40),
            figures=search_figures(steps),
            facts=search_facts(steps),
            payload_bytes=payload_bytes,
        )


def _run(end: Ended) -> Run:
    datagrams = counted(end)
    return Run(
        offered_mbit_per_s=mbit_per_s_of_bits(datagrams.offered_bits_per_s),
        received_mbit_per_s=mbit_per_s_of_bits(end.bits_per_s),
        loss_percent=datagrams.lost_percent,
    )


def search_figures(steps: tuple[Step, ...]) -> dict[str, float]:
    """Return the figure, its bracket and how many rates were tried.

    ``bracket_low`` and ``bracket_high`` are the highest asked rate that passed and the lowest above
    it that failed; each is missing where there is none.
    """
    figures = {"steps": float(len(steps))}
    best, failing = best_step(steps), lowest_failing(steps)
    if best is not None:
        figures[LOSS_FREE_RATE.key] = best.received_mbit_per_s
        figures["bracket_low_mbit_per_s"] = best.rate_mbit_per_s
    if failing is not None:
        figures["bracket_high_mbit_per_s"] = failing
    return figures


def search_facts(steps: tuple[Step, ...]) -> dict[str, str]:
    """Return how the search ended, and every step of it."""
    facts = {"result": _result(steps)}
    for number, step in enumerate(steps, start=1):
        losses = " and ".join(f"{run.loss_percent:.3g} %" for run in step.runs)
        verdict = "passed" if step.passed else "failed"
        facts[f"step_{number}"] = (
            f"{step.rate_mbit_per_s:.1f} Mbit/s asked, {step.received_mbit_per_s:.1f} received, "
            f"{losses} lost: {verdict}"
        )
    return facts


def _result(steps: tuple[Step, ...]) -> str:
    best, failing = best_step(steps), lowest_failing(steps)
    if best is None:
        lowest = min(step.rate_mbit_per_s for step in steps)
        return f"not reached: {lowest:.1f} Mbit/s, the lowest rate tried, lost more than 0.1 %"
    if failing is not None:
        return f"between {best.rate_mbit_per_s:.1f} and {failing:.1f} Mbit/s"
    if best.sender_bound:
        return "at least that: the sender could not send faster"
    return "at least that: no higher rate was tried"
