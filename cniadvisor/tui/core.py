"""What the app asks of the rooms below it.

The app knows these shapes and nothing else of clusters, pods, laboratories and files.
``commands/app_core`` answers with the real rooms; tests answer with recordings. Everything a person
can be told arrives as a :class:`~cniadvisor.domain.errors.CniAdvisorError`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    # For annotations only: the first paint needs none of it.
    from collections.abc import Mapping

    from cniadvisor.advise.catalogue import Catalogue
    from cniadvisor.advise.prefill import Found
    from cniadvisor.domain.errors import CniAdvisorError
    from cniadvisor.domain.findings import Explanation, Findings
    from cniadvisor.domain.plan import NodeFacts
    from cniadvisor.domain.probe import PolicyProbe
    from cniadvisor.domain.settings import Settings
    from cniadvisor.tui.runs import (
        LabChoices,
        LabWiring,
        PlannedRun,
        ReplayHandle,
        RunChoices,
        RunHandle,
    )


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
class ReferenceReports:
    """The reports of a campaign, none of them the user's, and what they are in words."""

    label: str
    paths: tuple[Path, ...]


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
            UsageError: the app is read-only, a run is under way, or this is not the plan made
                last, or is one for another context or namespace.
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
