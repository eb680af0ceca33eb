"""``cniadvisor rbac``: the least rights, ready for ``kubectl apply``."""

from cniadvisor.commands.telling import hand_over
from cniadvisor.domain.errors import ExitCode
from cniadvisor.domain.settings import Settings
from cniadvisor.k8s.access import manifest


def run_rbac(settings: Settings, purpose: str) -> int:
    """Print the roles that ``detect`` or ``bench`` needs."""
    hand_over(manifest(purpose, namespace=settings.namespace))
    return ExitCode.OK
