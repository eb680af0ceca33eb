"""Where an inventory comes from: the cluster, or a file that was saved. And what it says."""

from dataclasses import dataclass
from pathlib import Path

from cniadvisor.commands.saved.probe import load_probe, probes_folder
from cniadvisor.commands.telling import tell
from cniadvisor.detect.detection import detect
from cniadvisor.domain.errors import UsageError
from cniadvisor.domain.findings import Findings
from cniadvisor.domain.inventory import Inventory
from cniadvisor.domain.probe import PolicyProbe
from cniadvisor.domain.settings import Settings
from cniadvisor.domain.text import printable
from cniadvisor.k8s.inventory_file import load


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of a cluster.

    ``probe`` is what the last probe of NetworkPolicy found there; None for an inventory of a file.
    """

    inventory: Inventory
    findings: Findings
    probe: PolicyProbe | None = None


def seen_in_file(name: str) -> Seen:
    """Read a saved inventory and detect.

    Raises:
        UsageError: it can't be read, or is no inventory.
    """
    inventory = load(_text_of(Path(name)), name=printable(name))
    return Seen(inventory=inventory, findings=detect(inventory))


async def seen_on_cluster(settings: Settings) -> Seen:
    """Read the cluster in use and detect; each read is told with ``--verbose``.

    Raises:
        UsageError: no kubeconfig, a wrong one, an unknown context.
        AccessError, ClusterError, DeadlineError: the cluster can't be reached, or lets nobody in.
    """
    from cniadvisor.k8s.connection import connect
    from cniadvisor.k8s.inventory import read_inventory

    async with connect(
        kubeconfig=settings.kubeconfig, context=settings.context, namespace=settings.namespace
    ) as connection:
        inventory = await read_inventory(connection, progress=tell if settings.verbose else None)
    findings = detect(inventory)
    probe = load_probe(findings, cluster_id=connection.cluster_id, folder=probes_folder())
    return Seen(inventory=inventory, findings=findings, probe=probe)


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(
            f"inventory {printable(str(path))} can't be read: {reason}",
            hint="make one with: cniadvisor detect --save-inventory FILE",
        ) from error
