"""The product as the app sees it. Nothing heavy is imported before it is asked for."""

import asyncio
import os
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from cniadvisor.commands.app_core.owned_run import OwnedRun
from cniadvisor.commands.app_core.run_options import RunExtras, options_of
from cniadvisor.commands.saved import overview as saved
from cniadvisor.commands.saved.probe import load_probe, probes_folder
from cniadvisor.domain.errors import CniAdvisorError, UsageError
from cniadvisor.domain.probe import PolicyProbe
from cniadvisor.domain.settings import Settings, refuse_if_read_only
from cniadvisor.domain.text import printable
from cniadvisor.tui.core import Context, Overview, ReferenceReports
from cniadvisor.tui.runs import (
    LabChoices,
    LabWiring,
    PlannedRun,
    ReplayHandle,
    RunChoices,
    RunEnd,
    RunHandle,
)

if TYPE_CHECKING:
    from cniadvisor.advise.catalogue import Catalogue
    from cniadvisor.advise.prefill import Found
    from cniadvisor.commands.app_core.cluster import Seen, Written
    from cniadvisor.commands.lab_choices import LabOptions
    from cniadvisor.domain.plan import NodeFacts

_CLUSTER = "cniadvisor.commands.app_core.cluster"
_LAB = "cniadvisor.commands.app_core.lab"
_ADVISOR = "cniadvisor.commands.app_core.advisor"


class AppCore:
    """Answers the app; see :class:`cniadvisor.tui.core.Core`.

    Args:
        settings: context, namespace, read-only and the like.
        extras: for runs on a cluster.
        lab: what the command line said about the lab.
        reports: files and folders in which reports are looked for, beside the usual one.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        extras: RunExtras | None = None,
        lab: "LabOptions | None" = None,
        reports: tuple[Path, ...] = (),
    ) -> None:
        self._settings = settings
        self._extras = extras or RunExtras()
        self._lab = lab
        self._reports = reports
        self._seen: Seen | None = None
        self._written: Written | None = None
        self._run: OwnedRun | None = None

    @property
    def settings(self) -> Settings:
        """What holds now."""
        return self._settings

    @property
    def run(self) -> RunHandle | None:
        """The run under way, or the last one."""
        return self._run

    # -- looking

    def saved_overview(self) -> Overview | None:
        """Return what was last seen of the chosen context."""
        return saved.load(self._settings, _state_folder(), environ=os.environ)

    def last_probe(self) -> PolicyProbe | None:
        """Return what was found when NetworkPolicy was last probed on the cluster seen last."""
        seen = self.saved_overview() if self._seen is None else self._seen.overview
        if seen is None:
            return None
        return load_probe(seen.findings, cluster_id=seen.cluster_id, folder=probes_folder())

    async def look(self) -> Overview:
        """Read the cluster, detect, and keep the result."""
        await _imported(_CLUSTER)
        from cniadvisor.commands.app_core.cluster import seen_cluster

        settings = self._settings
        read = await seen_cluster(settings)
        if settings is self._settings:  # it may be about another context by now
            self._seen = read
        seen = read.overview
        # It is a convenience for the next start: a full disk must not hide what was just seen.
        with suppress(OSError):
            await asyncio.to_thread(
                partial(saved.save, seen, settings, _state_folder(), environ=os.environ)
            )
        return seen

    async def contexts(self) -> tuple[Context, ...]:
        """Return the kubeconfig's contexts."""
        await _imported(_CLUSTER)
        from cniadvisor.commands.app_core.cluster import known_contexts

        return await asyncio.to_thread(known_contexts, self._settings)

    def use(self, *, context: str | None, namespace: str | None) -> None:
        """Work on another context or namespace from now on."""
        self._settings = replace(self._settings, context=context, namespace=namespace)
        self._seen = None

    async def namespaces(self) -> tuple[str, ...]:
        """Return the cluster's namespaces."""
        await _imported(_CLUSTER)
        from cniadvisor.commands.app_core.cluster import known_namespaces

        return await known_namespaces(self._settings)

    async def nodes(self) -> "tuple[NodeFacts, ...]":
        """Return the cluster's nodes."""
        await _imported(_CLUSTER)
        from cniadvisor.commands.app_core.cluster import known_nodes

        return await known_nodes(self._settings)

    # -- measuring on a cluster

    def suites(self) -> tuple[str, ...]:
        """Return the names of the suites that ship."""
        from cniadvisor.resources import suite_names

        return suite_names()

    async def plan(self, choices: RunChoices) -> PlannedRun:
        """Write down what a run would do."""
        await _imported(_CLUSTER)
        from cniadvisor.commands.app_core.cluster import written_plan

        settings = self._settings
        written = await written_plan(settings, options_of(choices, self._extras), choices)
        if settings == self._settings:  # it may be for another context by now
            self._written = written
        return written.shown

    def start(self, planned: PlannedRun) -> RunHandle:
        """Begin the run that was planned last."""
        refuse_if_read_only(self._settings, "a benchmark creates pods")
        self._require_no_run()
        written = self._written
        if written is None or written.shown is not planned or written.settings != self._settings:
            raise UsageError("this plan is an old one", hint="plan again, then start")
        if planned.problems:
            raise planned.problems[0]
        from cniadvisor.commands.app_core.cluster import leaves_of, measure

        leaves = leaves_of(options_of(planned.choices, self._extras))
        self._written = None  # its names are taken
        return self._begin(
            f"{planned.plan.suite.name} on {printable(planned.target.context, limit=80)}",
            ("",),
            partial(measure, written, leaves),
        )

    # -- without a cluster

    async def lab_refusal(self) -> CniAdvisorError | None:
        """Return why the lab can't run on this machine; None where it can."""
        await _imported(_LAB)
        from cniadvisor.commands.app_core.lab import refusal

        return await refusal()

    async def wirings(self) -> tuple[LabWiring, ...]:
        """Return what the lab can measure."""
        await _imported(_LAB)
        from cniadvisor.commands.app_core.lab import known_wirings

        return known_wirings()

    def start_lab(self, choices: LabChoices) -> RunHandle:
        """Begin measuring kernel dataplanes on this machine."""
        self._require_no_run()
        return self._begin(
            "lab on this machine", choices.wirings, partial(_in_lab, choices, self._lab)
        )

    def has_recording(self) -> bool:
        """Return whether a recorded run ships with this installation."""
        from cniadvisor.resources import shipped_recording

        return shipped_recording() is not None

    def replay(self, recording: Path | None, *, speed: float) -> ReplayHandle:
        """Tell a recording again."""
        from cniadvisor.commands.app_core.replaying import ReplayedRun
        from cniadvisor.resources import recording_or_shipped

        return ReplayedRun(recording_or_shipped(recording), speed=speed)

    # -- reports

    def report_places(self) -> tuple[Path, ...]:
        """Return the folders and files in which reports are looked for."""
        from platformdirs import user_data_path

        end = self._run.end if self._run is not None else None
        left = end.reports if end is not None else ()  # --out may name any place
        return (*self._reports, *left, user_data_path("cniadvisor") / "reports")

    async def references(self) -> tuple[ReferenceReports, ...]:
        """Return the reports that are there to compare with."""
        await _imported(_ADVISOR)
        from cniadvisor.commands.app_core.advisor import known_references

        return await asyncio.to_thread(known_references, self._settings.profiles)

    # -- advising

    async def catalogue(self) -> "Catalogue":
        """Return all that the advisor knows."""
        await _imported(_ADVISOR)
        from cniadvisor.commands.app_core.advisor import known_catalogue

        return await asyncio.to_thread(known_catalogue, self._settings.profiles)

    async def prefilled(self, catalogue: "Catalogue") -> "Mapping[str, Found]":
        """Return the answers that the cluster gives by itself."""
        await _imported(_ADVISOR)
        from cniadvisor.commands.app_core.advisor import found_answers

        if self._seen is None:
            await self.look()
        seen = self._seen
        if seen is None:  # another context was chosen meanwhile
            return {}
        return await asyncio.to_thread(
            found_answers, catalogue, seen.overview.findings, seen.inventory
        )

    # -- inside

    def _require_no_run(self) -> None:
        if self._run is not None and self._run.end is None:
            raise UsageError("a run is under way", hint="wait for its end, or cancel it")

    def _begin(
        self,
        title: str,
        streams: tuple[str, ...],
        work: "partial[Coroutine[None, None, RunEnd]]",
    ) -> OwnedRun:
        self._run = OwnedRun(title=title, streams=streams, work=work)
        return self._run


async def _in_lab(choices: LabChoices, told: "LabOptions | None", owned: OwnedRun) -> RunEnd:
    await _imported(_LAB)
    from cniadvisor.commands.app_core.lab import measure, prepared

    owned.wait_for("Choosing wirings and plan.")
    lab, runs = await asyncio.to_thread(prepared, choices, told)
    return await measure(lab, runs, owned)


async def _imported(module: str) -> None:
    """Import what takes long while the app goes on drawing."""
    await asyncio.to_thread(import_module, module)


def _state_folder() -> Path:
    from platformdirs import user_state_path

    return user_state_path("cniadvisor") / "overviews"
