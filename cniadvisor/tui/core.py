"""What the app asks of the rooms below it.

The app knows these shapes and nothing else of clusters, pods, laboratories and files.
``commands/app.py`` answers with the real rooms; tests answer with recordings. Everything a person
can be told arrives as a :class:`~cniadvisor.domain.errors.CniAdvisorError`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    # For annotations only: the first paint needs none of it.
    from collections.abc import Mapping

    from cniadvisor.advise.catalogue import Catalogue
    from cniadvisor.advise.prefill import Found
    from cniadvisor.domain.errors import CniAdvisorError
    from cniadvisor.domain.events import BenchEvent
    from cniadvisor.domain.findings import Explanation, Findings
    from cniadvisor.domain.measurement import TestName
    from cniadvisor.domain.plan import NodeFacts, Plan, TargetFacts
    from cniadvisor.domain.probe import PolicyProbe
    from cniadvisor.domain.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One context of the kubeconfig; ``namespace`` is empty where it names none."""

    name: str
    namespace: str
    protected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What the first screen shows of one cluster.

    Attributes:
        context: the kubeconfig's context name.
        server: API server host and port; never credentials.
        cluster_id: tells clusters apart on this machine.
        seen_at: when it was read, UTC, ISO 8601.
        node_count: None where nodes could not be read.
        explanation: everything for and against each candidate; None in what was saved.
    """

    context: str
    server: str
    cluster_id: str
    server_version: str
    seen_at: str
    node_count: int | None
    findings: Findings
    explanation: Explanation | None = None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceReports:
    """The reports of a campaign, none of them the user's, and what they are in words."""

    label: str
    paths: tuple[Path, ...]


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


class Core(Protocol):
    """The product without a face."""

    @property
    def settings(self) -> Settings:
        """Context, namespace, read-only and the like, as they are now."""
        ...

    def saved_overview(self) -> Overview | None:
        """Return what was last seen of the chosen context: a quick read of one small file."""
        ...

    def last_probe(self) -> PolicyProbe | None:
        """Return what was found when NetworkPolicy was last probed on the cluster seen last.

        A quick read, too.
        """
        ...

    async def look(self) -> Overview:
        """Read the cluster anew, detect, and keep the result for the next start.

        Raises:
            UsageError: no kubeconfig, no such context.
            ClusterError: unreachable. AccessError: a right is missing.
        """
        ...

    async def contexts(self) -> tuple[Context, ...]:
        """Return the kubeconfig's contexts; none without one. Raises UsageError if unreadable."""
        ...

    def use(self, *, context: str | None, namespace: str | None) -> None:
        """Work on another context or namespace from now on."""
        ...

    async def namespaces(self) -> tuple[str, ...]:
        """Return the cluster's namespaces, for choosing one. Raises as :meth:`look`."""
        ...

    async def nodes(self) -> tuple[NodeFacts, ...]:
        """Return the cluster's nodes, for choosing a pair. Raises as :meth:`look`."""
        ...

    def suites(self) -> tuple[str, ...]:
        """Return the names of the suites that ship, shortest run first."""
        ...

    async def plan(self, choices: RunChoices) -> PlannedRun:
        """Write down what a run would do; creates nothing.

        Raises:
            CniAdvisorError: no plan can be made (one node, unknown node or test).
        """
        ...

    def start(self, planned: PlannedRun) -> RunHandle:
        """Begin a planned run. Only one run is under way at a time.

        Raises:
            UsageError: the app is read-only, or a run is under way.
        """
        ...

    async def lab_refusal(self) -> CniAdvisorError | None:
        """Return why the lab can't run on this machine; None where it can."""
        ...

    async def wirings(self) -> tuple[LabWiring, ...]:
        """Return what the lab can measure."""
        ...

    def start_lab(self, choices: LabChoices) -> RunHandle:
        """Begin measuring kernel dataplanes on this machine.

        Raises:
            UsageError: a run is under way. What else is wrong is in the run's end.
        """
        ...

    def has_recording(self) -> bool:
        """Return whether a recorded run ships with this installation."""
        ...

    def replay(self, recording: Path | None, *, speed: float) -> ReplayHandle:
        """Tell a recording again; None is the real run that ships with the product.

        Raises:
            UsageError: it can't be read, or is none.
        """
        ...

    @property
    def run(self) -> RunHandle | None:
        """The run under way or the last one; a replay is none."""
        ...

    def report_places(self) -> tuple[Path, ...]:
        """Return the folders and files in which reports are looked for."""
        ...

    async def references(self) -> tuple[ReferenceReports, ...]:
        """Return the reports that are there to compare with. Raises as :meth:`catalogue`."""
        ...

    async def catalogue(self) -> Catalogue:
        """Return all that the advisor knows.

        Raises:
            UsageError: a file of profiles or questions can't be read or is wrong.
        """
        ...

    async def prefilled(self, catalogue: Catalogue) -> Mapping[str, Found]:
        """Return the answers that the cluster gives by itself, from what was read of it last.

        Where nothing was read yet it is read. Raises as :meth:`look`.
        """
        ...
