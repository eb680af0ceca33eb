"""What rules ask a report, which may lack any of it."""

from collections.abc import Iterable

from cniadvisor.domain.measurement import PathName, TestName, Trial
from cniadvisor.domain.report import ProvenPath, Report, Summary
from cniadvisor.stats.pairing import latest_attempts


def good_trials(report: Report) -> list[Trial]:
    """Return the trials that count and have a figure."""
    return [trial for trial in latest_attempts(report.trials) if trial.value is not None]


def proven_path(report: Report, path: PathName) -> ProvenPath | None:
    """Return what was seen of a path; None when it was not measured."""
    return next((proven for proven in report.paths if proven.path is path), None)


def summary_of(report: Report, test: TestName, path: PathName) -> Summary | None:
    """Return the summary of a test on a path; None when it got no figure."""
    return next((s for s in report.summaries if s.test is test and s.path is path), None)


def nic_name(report: Report) -> str:
    """Return the name of the NIC between the nodes, or a stand-in to be filled in."""
    return next((nic.interface for nic in report.nics), "NIC")


def in_order(tests: Iterable[TestName]) -> tuple[TestName, ...]:
    """Return the tests without doubles, in the product's order."""
    wanted = set(tests)
    return tuple(test for test in TestName if test in wanted)


def rate(mbit_per_s: float) -> str:
    """Return a rate in the unit that suits it."""
    if mbit_per_s >= 1000:
        return f"{mbit_per_s / 1000:.2f} Gbit/s"
    return f"{mbit_per_s:.0f} Mbit/s"
