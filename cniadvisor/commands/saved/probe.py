"""What the last probe of NetworkPolicy found, for each cluster: one small file.

It counts only while the same CNI and the same policy engine run there. It is a convenience:
whatever is wrong with a file, nothing is known from it.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cniadvisor.commands.saved.json_file import keep, listed, moment, seconds, text
from cniadvisor.domain.findings import Findings
from cniadvisor.domain.probe import PartTried, PolicyPart, PolicyProbe, Standing

_VERSION = 1


def probes_folder() -> Path:
    """Return where the files are."""
    from platformdirs import user_state_path

    return user_state_path("cniadvisor") / "probes"


def load_probe(findings: Findings, *, cluster_id: str, folder: Path) -> PolicyProbe | None:
    """Return what the last probe found; None if nothing that can be trusted.

    Args:
        findings: of now.
        cluster_id: as its connection tells.
        folder: where the files are.
    """
    try:
        told: Any = json.loads(_place(folder, cluster_id).read_text(encoding="utf-8"))
        if told["version"] != _VERSION or told["runs"] != _runs(findings):
            return None
        return _probe(told["probe"])
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def save_probe(probe: PolicyProbe, findings: Findings, *, cluster_id: str, folder: Path) -> None:
    """Keep what a probe found, in place of the one before.

    Raises:
        OSError: it can't be written.
    """
    told = {"version": _VERSION, "runs": _runs(findings), "probe": asdict(probe)}
    keep(_place(folder, cluster_id), told)


def _place(folder: Path, cluster_id: str) -> Path:
    return folder / f"{cluster_id}.json"


def _runs(findings: Findings) -> list[str | None]:
    """Return what decides whether a policy is enforced, as far as it has a name."""
    return [None if one is None else one.name for one in (findings.primary, findings.policy)]


def _probe(told: Any) -> PolicyProbe:  # noqa: ANN401 - JSON
    return PolicyProbe(
        probed_at=moment(told["probed_at"]),
        parts=tuple(
            PartTried(
                part=PolicyPart(one["part"]),
                standing=Standing(one["standing"]),
                took_s=None if one["took_s"] is None else seconds(one["took_s"]),
                detail=text(one["detail"]),
            )
            for one in listed(told["parts"])
        ),
        reason=text(told["reason"]),
    )
