"""Commands that a user is told to run: on the cluster that is meant, whatever is current then."""

import shlex

from cniadvisor.domain.plan import TargetFacts
from cniadvisor.domain.text import printable

IN_CLUSTER = "in-cluster"
"""What the context of a program that runs in a pod is called; no kubeconfig has it."""


def cleanup_command(run_id: str, *, context: str, namespace: str | None) -> str:
    """Return the command that removes what a run left.

    Args:
        run_id: the run's.
        context: of the kubeconfig, or :data:`IN_CLUSTER`.
        namespace: the user's own, where the run was in one; None where it made its own.
    """
    own = ["--namespace", printable(namespace)] if namespace else []
    run = ["--run", printable(run_id)]
    return shlex.join(["cniadvisor", "cleanup", *run, *own, *context_words(context)])


def cleanup_command_at(target: TargetFacts, run_id: str) -> str:
    """Return the command that removes what a run left at this target, a cluster."""
    own = None if target.creates_namespace else target.namespace
    return cleanup_command(run_id, context=target.context, namespace=own)


def context_words(context: str) -> list[str]:
    """Return the option that names a context; nothing in a pod, which has only one."""
    return [] if context == IN_CLUSTER else ["--context", printable(context)]
