"""Own reports as evidence. A difference inside the noise never counts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cniadvisor.advise.scoring import NOTHING_MEASURED, Measured
from cniadvisor.domain.measurement import FIGURES, TestName
from cniadvisor.domain.probe import PolicyProbe
from cniadvisor.domain.report import Comparison, Diagnosis, Interval, Report, Severity
from cniadvisor.stats.likeness import unlike_conditions
from cniadvisor.stats.ordering import ordering

KUBERNETES = "kubernetes"
"""The kind of target whose reports can be set against each other; the lab's are shown only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnReport:
    """A report and the name of its file, as they are shown."""

    name: str
    report: Report

    @property
    def cni(self) -> str | None:
        """The CNI that was measured; None if it was not found out."""
        primary = self.report.findings.primary
        return None if primary is None else primary.name

    @property
    def comparisons(self) -> tuple[Comparison, ...]:
        """What was found against the CNI's own host-network baseline."""
        return self.report.comparisons

    @property
    def problems(self) -> tuple[Diagnosis, ...]:
        """What is broken or badly set where it was measured."""
        return tuple(found for found in self.report.diagnoses if found.severity is Severity.PROBLEM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """What a probe of NetworkPolicy found.

    Attributes:
        probe: what it found.
        report: the report it is in; None for the last probe of the cluster in use.
    """

    probe: PolicyProbe
    report: OwnReport | None = None

    def is_about(self, cni: str | None) -> bool:
        """Whether it speaks of the cluster in use, where this CNI runs (None: not known)."""
        return self.report is None or (cni is not None and self.report.cni == cni)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """In one test a CNI is provably ahead of another."""

    test: TestName
    winner: str
    loser: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMeasurements:
    """What own reports say.

    Attributes:
        reports: all of them, in the given order.
        measured: CNI -> share of the tests in which no other is provably ahead of it.
        ahead: the differences outside the noise.
        undecided: tests in which nothing can be said between any two.
        uncounted: why reports don't count against each other, in sentences.
        probes: of NetworkPolicy; the one of the cluster in use comes first.
    """

    reports: tuple[OwnReport, ...] = ()
    measured: Measured = NOTHING_MEASURED
    ahead: tuple[Ahead, ...] = ()
    undecided: tuple[TestName, ...] = ()
    uncounted: tuple[str, ...] = ()
    probes: tuple[Probed, ...] = ()


def own_measurements(
    reports: Sequence[OwnReport], *, probe: PolicyProbe | None = None
) -> OwnMeasurements:
    """Set the reports of different CNIs against each other, if they may be.

    Of several reports of one CNI the latest counts.

    Args:
        reports: in the order in which they are told.
        probe: what the last probe of NetworkPolicy found on the cluster in use.
    """
    return replace(_compared(tuple(reports)), probes=tuple(_probes(reports, probe)))


def _probes(reports: Sequence[OwnReport], probe: PolicyProbe | None) -> Iterator[Probed]:
    if probe is not None:
        yield Probed(probe=probe)
    for one in reports:
        if one.report.policy_probe is not None:
            yield Probed(probe=one.report.policy_probe, report=one)


def _compared(told: tuple[OwnReport, ...]) -> OwnMeasurements:
    latest = _latest(told)
    uncounted = _uncounted(told, latest)
    if len(latest) < 2:
        return OwnMeasurements(reports=told, uncounted=uncounted)
    names, counting = list(latest), list(latest.values())
    unlike = unlike_conditions([one.report for one in counting])
    if unlike:
        conditions = ", ".join(one.condition for one in unlike)
        reason = f"They were not measured under like conditions ({conditions}), so none counts."
        return OwnMeasurements(reports=told, uncounted=(*uncounted, reason))
    ahead: list[Ahead] = []
    undecided: list[TestName] = []
    compared: dict[str, int] = dict.fromkeys(names, 0)
    for test in TestName:
        intervals = [_interval(one, test) for one in counting]
        known = [name for name, interval in zip(names, intervals, strict=True) if interval]
        if len(known) < 2:
            continue
        for name in known:
            compared[name] += 1
        order = ordering(intervals, higher_is_better=FIGURES[test].higher_is_better)
        ahead += [Ahead(test=test, winner=names[one], loser=names[two]) for one, two in order.ahead]
        if not order.ahead:
            undecided.append(test)
    values = {
        name: 1 - len({one.test for one in ahead if one.loser == name}) / compared[name]
        for name in names
        if compared[name]
    }
    return OwnMeasurements(
        reports=told,
        measured=Measured(values=values),
        ahead=tuple(ahead),
        undecided=tuple(undecided),
        uncounted=uncounted,
    )


def _latest(reports: Sequence[OwnReport]) -> Mapping[str, OwnReport]:
    latest: dict[str, OwnReport] = {}
    for one in sorted(reports, key=lambda one: one.report.run.started_at):
        if one.cni is not None and one.report.target.kind == KUBERNETES:
            latest[one.cni] = one
    return {name: latest[name] for name in sorted(latest)}


def _uncounted(reports: Sequence[OwnReport], latest: Mapping[str, OwnReport]) -> tuple[str, ...]:
    reasons: list[str] = []
    for one in reports:
        if one.cni is None:
            reasons.append(f"{one.name}: which CNI was measured was not found out.")
        elif one.report.target.kind != KUBERNETES:
            reasons.append(f"{one.name} is from the lab and is shown only.")
        elif latest[one.cni] is not one:
            reasons.append(f"{one.name}: there is a later report of {one.cni}.")
    if reports and len(latest) < 2:
        reasons.append("Reports of two CNIs from like conditions are needed to compare any.")
    return tuple(reasons)


def _interval(one: OwnReport, test: TestName) -> Interval | None:
    return next((c.ratio_95 for c in one.comparisons if c.test is test), None)
