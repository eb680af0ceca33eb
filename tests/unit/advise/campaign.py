"""A campaign of one's own, as ``--profiles`` takes it."""

from pathlib import Path

from cniadvisor.domain.report import Report
from cniadvisor.report.toml_file import write

_HEAD = """\
schema_version = 1
title = "Ours"
author = "us"
date = 2026-11-23
provenance = "our own runs"
conditions = ["two nodes"]
"""


def keep_campaign(folder: Path, *reports: Report) -> tuple[Path, ...]:
    """Write a campaign into a folder of profiles; return where its reports are."""
    place = folder / "reference" / "ours"
    place.mkdir(parents=True)
    paths = tuple(place / f"{number}.toml" for number, _ in enumerate(reports))
    rows = ""
    for path, report in zip(paths, reports, strict=True):
        write(report, path)
        rows += f'\n[[results]]\nreport = "ours/{path.name}"\n'
    (place.parent / "ours.toml").write_text(_HEAD + rows)
    return paths
