"""Runs as the app sees them: chosen, planned, under way, told again.

Shapes only, as in :mod:`cniadvisor.tui.core`; ``commands/app_core`` has the real ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    # For annotations only: the first paint needs none of it.
    from pathlib import Path

    from cniadvisor.domain.errors import CniAdvisorError
    from cniadvisor.domain.events import BenchEvent
    from cniadvisor.domain.findings import Findings
    from cniadvisor.domain.measurement import TestName
    from cniadvisor.domain.plan import Plan, TargetFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class RunChoices:
    """What a person chose on the Plan screen; None leaves a choice to the defaults."""

    suite: str = "quick"
    tests: tuple[TestName, ...] | None = None
    repeats: int | None = None
    duration_s: int | None = None
    client_node: str | None = None
    server_node: str | None = None
    image: str | None = None
    max_rate_mbit_per_s: float | None = None
    probes_policy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRun:
    """A run written down before anything is created.

    Attributes:
        command: the ``cniadvisor bench`` command that does the same.
        problems: why it can't start, each with what to do: a missing right, a missing image.
    """

    choices: RunChoices
    plan: Plan
    target: TargetFacts
    findings: Findings
    command: str
    problems: tuple[CniAdvisorError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LabWiring:
    """A way of wiring pods that the lab can measure, by name and in words."""

    name: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabChoices:
    """What is measured on this machine without a cluster."""

    wirings: tuple[str, ...] = ("flannel-vxlan", "flannel-host-gw")
    suite: str = "quick"
    wire: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd:
    """How a run ended; ``error`` is None when it did what was asked.

    ``reports`` are the files that were written, partial results included.
    """

    error: CniAdvisorError | None
    cancelled: bool
    reports: tuple[Path, ...]


RunListener = Callable[[str, "BenchEvent"], None]
"""Called on the event loop with the name of a stream and its next event."""


class RunHandle(Protocol):
    """A run under way (or a recording being told), owned outside the app: it outlives screens.

    A run has one stream of events for each thing measured: one, named ``""``, on a cluster; one for
    each wiring in the lab.
    """

    @property
    def title(self) -> str:
        """What is measured, for the header."""
        ...

    @property
    def streams(self) -> tuple[str, ...]:
        """The names of the streams."""
        ...

    @property
    def note(self) -> str:
        """What is waited for before the first event, as a sentence; empty when nothing is."""
        ...

    @property
    def end(self) -> RunEnd | None:
        """How it ended; None while it is under way, clean-up included."""
        ...

    def follow(self, listener: RunListener) -> Callable[[], None]:
        """Tell ``listener`` everything so far, then every event to come; return how to stop."""
        ...

    def cancel(self) -> None:
        """Stop measuring; clean-up follows and is told. A recording just stops."""
        ...

    def leave_now(self) -> None:
        """Cut the clean-up short; the end says what is left."""
        ...

    async def wait(self) -> RunEnd:
        """Return when everything is over, clean-up included. Whoever waits may be cancelled."""
        ...


@runtime_checkable
class ReplayHandle(RunHandle, Protocol):
    """A recorded run told again; the Live screen knows it by its speed."""

    speed: float
    """How many recorded seconds pass in one; may be changed while it runs."""
