"""Reports as tables of pandas, for CSV and charts. The only module that imports pandas.

Every table begins with the columns that say which run a row is of. What is not known is empty.
"""
# pandas has no types of its own.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import pandas as pd

from cniadvisor.domain.findings import Component
from cniadvisor.domain.measurement import FIGURES, PathName, Role, TestName
from cniadvisor.domain.report import Report
from cniadvisor.domain.text import printable
from cniadvisor.report.exporting import Table
from cniadvisor.stats.pairing import latest_attempts

Row = dict[str, object]


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


class Load(StrEnum):
    """What a trial costs the nodes."""

    CPU = "busy_millicores"
    MEMORY = "memory_used_mib"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundLine:
    """Values by round, none of them missing or NaN: a round without one is not in it.

    ``place`` is that of the report among those asked about; None is all of them together.
    """

    place: int | None
    path: PathName
    rounds: tuple[int, ...]
    values: tuple[float, ...]


def figure_lines(reports: Sequence[Report], test: TestName) -> tuple[RoundLine, ...]:
    """Return a test's figure by round, in its unit: a line for each report and path."""
    return _lines(_counting(reports, [test]))


def share_lines(reports: Sequence[Report], test: TestName) -> tuple[RoundLine, ...]:
    """Return the pod path in percent of the same round's host path: a line for each report."""
    long = _counting(reports, [test])
    pod, host = (long[(long["path"] == path) & (long["value"] > 0)] for path in PathName)
    pairs = pod.merge(host, on=["place", "round"], suffixes=("", "_host"))
    return _lines(pairs.assign(value=100 * pairs["value"] / pairs["value_host"]))


def load_lines(
    reports: Sequence[Report], tests: Sequence[TestName], load: Load
) -> tuple[RoundLine, ...]:
    """Return what trials cost by round, as the mean over the tests: a line a report and path.

    Both nodes are added up, or the one machine that both of them are; a trial in which one was not
    sampled does not count, and neither does a round that lacks a test.
    """
    long = _counting(reports, tests)
    nodes = long[[f"{role}_{load}" for role in Role]].astype(float)
    one_machine = [reports[place].target.pair.one_machine for place in long["place"]]
    # One machine is sampled at its client.
    long["value"] = nodes.iloc[:, 0].where(one_machine, nodes.sum(axis="columns", skipna=False))
    sampled = long.dropna(subset=["value"])
    by_round = sampled.groupby(["place", "path", "round"], as_index=False)
    means = by_round.agg(value=("value", "mean"), tests=("test", "count"))
    return _lines(means.query(f"tests == {len(tests)}"))


def together(lines: Sequence[RoundLine], path: PathName) -> RoundLine:
    """Return the median by round over all reports of a path's lines; empty without one."""
    rows = [
        (number, value)
        for line in lines
        if line.path is path
        for number, value in zip(line.rounds, line.values, strict=True)
    ]
    medians = pd.DataFrame(rows, columns=["round", "value"]).groupby("round")["value"].median()
    return RoundLine(
        place=None,
        path=path,
        rounds=tuple(int(number) for number in medians.index),
        values=tuple(float(value) for value in medians),
    )


def _counting(reports: Sequence[Report], tests: Sequence[TestName]) -> pd.DataFrame:
    """Return the trials of these tests that count and have a figure, each with its report."""
    columns = ["place", "test", "path", "round", "value"]
    columns += [f"{role}_{load}" for role in Role for load in Load]
    parts = [
        frame([replace(report, trials=latest_attempts(report.trials))], Table.TRIALS).assign(
            place=place
        )
        for place, report in enumerate(reports)
    ]
    nothing = pd.DataFrame(columns=pd.Index(columns), dtype=object)
    long = pd.concat([nothing, *parts], ignore_index=True)
    wanted = long["test"].isin([test.value for test in tests]) & long["value"].notna()
    return long.loc[wanted, columns].astype({"value": float})


def _lines(long: pd.DataFrame) -> tuple[RoundLine, ...]:
    lines: dict[tuple[int, PathName], list[tuple[int, float]]] = {}
    columns = (long[name] for name in ("place", "path", "round", "value"))
    for place, path, number, value in zip(*columns, strict=True):
        line = lines.setdefault((int(place), PathName(path)), [])
        line.append((int(number), float(value)))
    return tuple(
        RoundLine(
            place=place,
            path=path,
            rounds=tuple(number for number, _ in sorted(points)),
            values=tuple(value for _, value in sorted(points)),
        )
        for (place, path), points in sorted(lines.items())
    )


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
