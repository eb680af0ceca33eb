"""``cniadvisor cleanup``: what earlier runs left behind goes."""

import asyncio

from cniadvisor.commands.telling import tell
from cniadvisor.domain.errors import CleanupError, ExitCode, UsageError
from cniadvisor.domain.settings import Settings, refuse_if_read_only
from cniadvisor.domain.text import printable
from cniadvisor.k8s.cleanup import Leftover, find_leftovers, remove
from cniadvisor.k8s.connection import connect


def run_cleanup(settings: Settings, *, run_id: str | None, every: bool, dry_run: bool) -> int:
    """Remove what is left of one run, or of all that are over, and return the exit code."""
    if not dry_run:
        instead = "look only: cniadvisor cleanup --dry-run"
        refuse_if_read_only(settings, "clean-up deletes things", instead=instead)
    if run_id is not None and every:
        raise UsageError("--run and --all exclude each other", hint="give one of them")
    return asyncio.run(_cleanup(settings, run_id, every=every, dry_run=dry_run))


async def _cleanup(settings: Settings, run_id: str | None, *, every: bool, dry_run: bool) -> int:
    async with connect(
        kubeconfig=settings.kubeconfig, context=settings.context, namespace=settings.namespace
    ) as connection:
        leftovers = await find_leftovers(connection, run_id, settings.namespace)
        for note in leftovers.notes:
            tell(f"cniadvisor: {note}")
        if not leftovers.found:
            tell(f"nothing of ours in {printable(leftovers.searched)}")
            return ExitCode.OK
        failures: list[CleanupError] = []
        for leftover in leftovers.found:
            spared = leftover.active and run_id is None and not every
            tell(_described(leftover, spared=spared))
            if spared or dry_run:
                continue
            try:
                await remove(connection, leftover, _tell)
            except CleanupError as error:
                failures.append(error)
        if failures:
            raise failures[0]
    return ExitCode.OK


def _described(leftover: Leftover, *, spared: bool) -> str:
    words = f"run {printable(leftover.run_id)} in namespace {printable(leftover.namespace)}: "
    words += ", ".join(printable(thing) for thing in leftover.objects)
    if spared:
        words += (
            "; it may still be going on and is left alone (end it with: cniadvisor cleanup --run "
            f"{printable(leftover.run_id)})"
        )
    return words


def _tell(what: str, error: str | None) -> None:
    tell(f"removed {what}" if error is None else f"not removed {what}: {error}")
