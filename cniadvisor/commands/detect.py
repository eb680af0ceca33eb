"""``cniadvisor detect``: which CNI, how configured, and why we think so."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

from cniadvisor.commands.inventory import seen_in_file, seen_on_cluster
from cniadvisor.commands.telling import hand_over, tell
from cniadvisor.detect.detection import explain
from cniadvisor.domain.errors import ExitCode, UsageError
from cniadvisor.domain.findings import Explanation, Findings
from cniadvisor.domain.inventory import Inventory
from cniadvisor.domain.settings import Settings
from cniadvisor.domain.text import printable
from cniadvisor.k8s.inventory_file import save
from cniadvisor.wording.probes import policy_words


def run_detect(
    settings: Settings,
    *,
    output: str,
    explained: bool,
    inventory_file: str | None,
    save_to: str | None,
) -> int:
    """Detect on the cluster or on a saved inventory and print the findings on stdout.

    What was probed there before is no finding of now: it goes to stderr.
    """
    if inventory_file is not None:
        seen = seen_in_file(inventory_file)
    else:
        seen = asyncio.run(seen_on_cluster(settings))
    if save_to is not None:
        _save(seen.inventory, Path(save_to))
    explanation = explain(seen.inventory) if explained else None
    hand_over(_formatted(seen.findings, explanation, output))
    if seen.probe is not None and not settings.quiet:
        tell(f"NetworkPolicy: {policy_words(seen.probe, now=datetime.now(UTC))}")
    return ExitCode.OK


def _formatted(findings: Findings, explanation: Explanation | None, output: str) -> str:
    if output == "text":
        from cniadvisor.wording.findings import findings_text

        return findings_text(findings, explanation)
    from cniadvisor.report.findings_json import findings_json, findings_toml

    written = findings_json if output == "json" else findings_toml
    return written(findings, explanation)


def _save(inventory: Inventory, path: Path) -> None:
    try:
        path.write_text(json.dumps(save(inventory), indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"inventory {printable(str(path))} can't be written: {error.strerror}",
            hint="name a file in a folder of yours",
        ) from error
