"""Reports as tables of pandas, for CSV and charts. The only module that imports pandas.

Every table begins with the columns that say which run a row is of. What is not known is empty.
"""
# pandas has no types of its own.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

import pandas as pd

from cniadvisor.domain.findings import Component
from cniadvisor.domain.measurement import FIGURES, Role
from cniadvisor.domain.report import Report
from cniadvisor.domain.text import printable

Row = dict[str, object]


class Table(StrEnum):
    """The tables there are: one row a trial, test and path, test, or second of a node."""

    TRIALS = "trials"
    SUMMARIES = "summaries"
    COMPARISONS = "comparisons"
    SAMPLES = "samples"


def frame(reports: Sequence[Report], table: Table) -> pd.DataFrame:
    """Return a table of several reports, their rows one after the other."""
    rows_of = {
        Table.TRIALS: _trials,
        Table.SUMMARIES: _summaries,
        Table.COMPARISONS: _comparisons,
        Table.SAMPLES: _samples,
    }[table]
    rows = [_run(report) | row for report in reports for row in rows_of(report)]
    columns = dict.fromkeys(key for row in rows for key in row)
    # As objects: pandas would turn whole numbers beside an empty cell into fractions.
    return pd.DataFrame(
        {column: pd.Series([row.get(column) for row in rows], dtype=object) for column in columns}
    )


def csv(reports: Sequence[Report], table: Table) -> str:
    """Return a table as CSV (RFC 4180, lines end in a newline), figures to the last digit."""
    made = frame(reports, table)
    cleaned = made.map(lambda cell: printable(cell) if isinstance(cell, str) else cell)
    return cleaned.to_csv(index=False, lineterminator="\n")


def _run(report: Report) -> Row:
    primary = report.findings.primary or Component(name="")
    return {
        "run_id": report.plan.run_id,
        "started_at": report.run.started_at,
        "context": report.target.context,
        "cni": primary.name or None,
        "cni_version": primary.version,
        "mode": primary.mode,
        "suite": report.plan.suite.name,
    }


def _trials(report: Report) -> Iterator[Row]:
    for trial in report.trials:
        figure = FIGURES[trial.id.test]
        row: Row = {
            "test": trial.id.test.value,
            "path": trial.id.path.value,
            "round": trial.id.round,
            "attempt": trial.id.attempt,
            "started_s": trial.started_s,
            "duration_s": trial.duration_s,
            "value": trial.value,
            "unit": figure.unit,
            "higher_is_better": figure.higher_is_better,
            "failure": trial.failure,
        }
        for role in Role:
            load = trial.load.get(role)
            row |= {
                f"{role}_busy_millicores": load.cpu.busy_millicores if load else None,
                f"{role}_softirq_millicores": load.cpu.softirq_millicores if load else None,
                f"{role}_busiest_core_percent": load.cpu.busiest_core_percent if load else None,
                f"{role}_memory_used_mib": load.memory_used_mib if load else None,
            }
        row |= {
            "nic_rx_bytes": trial.nic.rx_bytes if trial.nic else None,
            "nic_tx_bytes": trial.nic.tx_bytes if trial.nic else None,
            "payload_bytes": trial.nic.payload_bytes if trial.nic else None,
        }
        yield row | _prefixed("figure", trial.figures) | _prefixed("fact", trial.facts)


def _summaries(report: Report) -> Iterator[Row]:
    for summary in report.summaries:
        mean_95 = summary.mean_95
        yield {
            "test": summary.test.value,
            "path": summary.path.value,
            "unit": summary.unit,
            "n": summary.n,
            "failed": summary.failed,
            "median": summary.median,
            "q1": summary.q1,
            "q3": summary.q3,
            "minimum": summary.minimum,
            "maximum": summary.maximum,
            "mean": summary.mean,
            "mean_95_low": mean_95.low if mean_95 else None,
            "mean_95_high": mean_95.high if mean_95 else None,
            "cv_percent": summary.cv_percent,
            "unstable": summary.unstable,
        }


def _comparisons(report: Report) -> Iterator[Row]:
    for comparison in report.comparisons:
        interval = comparison.ratio_95
        yield {
            "test": comparison.test.value,
            "higher_is_better": FIGURES[comparison.test].higher_is_better,
            "pairs": comparison.pairs,
            "ratio": comparison.ratio,
            "ratio_95_low": interval.low if interval else None,
            "ratio_95_high": interval.high if interval else None,
            "verdict": comparison.verdict.value,
            "reason": comparison.reason or None,
            "flags": " ".join(flag.value for flag in comparison.flags) or None,
        }


def _samples(report: Report) -> Iterator[Row]:
    for sample in report.samples:
        yield {
            "at_s": sample.at_s,
            "role": sample.role.value,
            "busy_millicores": sample.busy_millicores,
            "softirq_millicores": sample.softirq_millicores,
            "memory_used_mib": sample.memory_used_mib,
            "nic_rx_mbit_per_s": sample.nic_rx_mbit_per_s,
            "nic_tx_mbit_per_s": sample.nic_tx_mbit_per_s,
        }


def _prefixed(prefix: str, values: Mapping[str, object]) -> Row:
    return {f"{prefix}_{key}": value for key, value in values.items()}
