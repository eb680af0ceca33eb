"""``cniadvisor detect``: which CNI, how configured, and why we think so."""

import asyncio
import json
from pathlib import Path

import click

from cniadvisor.detect.detection import detect, explain
from cniadvisor.domain.errors import ExitCode, UsageError
from cniadvisor.domain.findings import Explanation, Findings
from cniadvisor.domain.inventory import Inventory
from cniadvisor.domain.settings import Settings
from cniadvisor.domain.text import printable
from cniadvisor.k8s.inventory_file import load, save


def run_detect(
    settings: Settings,
    *,
    output: str,
    explained: bool,
    inventory_file: str | None,
    save_to: str | None,
) -> int:
    """Detect on the cluster or on a saved inventory and print the findings on stdout."""
    if inventory_file is not None:
        inventory = load(_text_of(Path(inventory_file)), name=printable(inventory_file))
    else:
        inventory = asyncio.run(_read(settings))
    if save_to is not None:
        _save(inventory, Path(save_to))
    explanation = explain(inventory) if explained else None
    click.echo(_formatted(detect(inventory), explanation, output))
    return ExitCode.OK


async def _read(settings: Settings) -> Inventory:
    from cniadvisor.k8s.connection import connect
    from cniadvisor.k8s.inventory import read_inventory

    async with connect(
        kubeconfig=settings.kubeconfig, context=settings.context, namespace=settings.namespace
    ) as connection:
        return await read_inventory(connection, progress=_tell if settings.verbose else None)


def _tell(text: str) -> None:
    click.echo(text, err=True)


def _formatted(findings: Findings, explanation: Explanation | None, output: str) -> str:
    if output == "text":
        from cniadvisor.wording.findings import findings_text

        return findings_text(findings, explanation)
    from cniadvisor.report.findings_json import findings_json, findings_toml

    written = findings_json if output == "json" else findings_toml
    return written(findings, explanation)


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(
            f"inventory {printable(str(path))} can't be read: {reason}",
            hint="make one with: cniadvisor detect --save-inventory FILE",
        ) from error


def _save(inventory: Inventory, path: Path) -> None:
    try:
        path.write_text(json.dumps(save(inventory), indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"inventory {printable(str(path))} can't be written: {error.strerror}",
            hint="name a file in a folder of yours",
        ) from error
