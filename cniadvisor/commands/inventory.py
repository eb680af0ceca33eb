"""Where an inventory comes from: the cluster, or a file that was saved."""

from pathlib import Path

import click

from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.inventory import Inventory
from cniadvisor.domain.settings import Settings
from cniadvisor.domain.text import printable
from cniadvisor.k8s.inventory_file import load


def inventory_of_file(name: str) -> Inventory:
    """Read a saved inventory.

    Raises:
        UsageError: it can't be read, or is no inventory.
    """
    return load(_text_of(Path(name)), name=printable(name))


async def inventory_of_cluster(settings: Settings) -> Inventory:
    """Read the inventory of the cluster in use; each read is told with ``--verbose``.

    Raises:
        UsageError: no kubeconfig, a wrong one, an unknown context.
        AccessError, ClusterError, DeadlineError: the cluster can't be reached, or lets nobody in.
    """
    from cniadvisor.k8s.connection import connect
    from cniadvisor.k8s.inventory import read_inventory

    async with connect(
        kubeconfig=settings.kubeconfig, context=settings.context, namespace=settings.namespace
    ) as connection:
        return await read_inventory(connection, progress=_tell if settings.verbose else None)


def _tell(text: str) -> None:
    click.echo(text, err=True)


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(
            f"inventory {printable(str(path))} can't be read: {reason}",
            hint="make one with: cniadvisor detect --save-inventory FILE",
        ) from error
