"""The least rights each command needs, as data: to print as roles and to check before a run.

Nothing here needs a cluster library, so that roles print without a cluster.
"""

import asyncio
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from cniadvisor.domain.errors import AccessError, UsageError
from cniadvisor.domain.measurement import TestName
from cniadvisor.domain.text import printable
from cniadvisor.k8s.inventory_reads import CONFIG_MAP_HOMES, CUSTOM_LISTS
from cniadvisor.k8s.objects import value

if TYPE_CHECKING:
    from cniadvisor.domain.inventory import JsonObject
    from cniadvisor.k8s.connection import Connection

__all__ = ["RIGHTS", "Purpose", "Right", "Scope", "manifest", "missing_rights", "require_rights"]

# RFC 1123 label, as the API server demands it; also keeps the YAML what it looks like.
_NAMESPACE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


class Purpose(StrEnum):
    """What the rights are for."""

    DETECT = "detect"
    BENCH = "bench"
    CLEANUP = "cleanup"
    PROBE = "probe"


class Scope(StrEnum):
    """Where a right must hold."""

    CLUSTER = "cluster"
    """In the whole cluster, whatever namespace the run uses."""
    RUN = "run"
    """In the run's namespace; everywhere when the run makes one, because its name is new."""
    NEW_NAMESPACE = "new namespace"
    """In the whole cluster, and only when the run makes its namespace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """Verbs on resources of one API group, and why they are needed.

    Attributes:
        resources: with subresource, as RBAC writes them (``pods/exec``).
        names: only these objects; empty for any.
        required: without it the command can't do its work; otherwise it says less, or chooses
            worse, and goes on.
        tests: needed only when one of these is run; empty for always.
    """

    verbs: tuple[str, ...]
    resources: tuple[str, ...]
    why: str
    scope: Scope
    group: str = ""
    names: tuple[str, ...] = ()
    required: bool = False
    tests: frozenset[TestName] = frozenset()


def _custom_rights() -> tuple[Right, ...]:
    groups = dict.fromkeys(custom.group for custom in CUSTOM_LISTS)
    return tuple(
        Right(
            verbs=("list",),
            group=group,
            resources=tuple(dict.fromkeys(c.resource for c in CUSTOM_LISTS if c.group == group)),
            scope=Scope.CLUSTER,
            why=f"how a CNI that keeps its settings in {group} is configured",
        )
        for group in groups
    )


_DETECT: tuple[Right, ...] = (
    Right(
        verbs=("list",),
        resources=("nodes",),
        scope=Scope.CLUSTER,
        required=True,
        why="conditions, annotations and pod CIDRs that a CNI writes; the nodes to measure on",
    ),
    Right(
        verbs=("list",),
        resources=("pods",),
        scope=Scope.CLUSTER,
        why="the agents' pods and a sample of others: who wired them; CPU requested on nodes",
    ),
    Right(
        verbs=("list",),
        group="apps",
        resources=("daemonsets", "deployments"),
        scope=Scope.CLUSTER,
        why="the agents and controllers of the CNI: the strongest evidence there is",
    ),
    Right(
        verbs=("get",),
        resources=("configmaps",),
        names=tuple(CONFIG_MAP_HOMES),
        scope=Scope.CLUSTER,
        why="how the CNI is configured; only these, by name",
    ),
    Right(
        verbs=("list",),
        resources=("events",),
        scope=Scope.CLUSTER,
        why="why a pod got no network",
    ),
    Right(
        verbs=("list",),
        group="networking.k8s.io",
        resources=("networkpolicies",),
        scope=Scope.CLUSTER,
        why="whether there is anything for a policy engine to enforce",
    ),
    *_custom_rights(),
)

_REMOVE_JOBS = Right(
    verbs=("list", "delete"),
    group="batch",
    resources=("jobs",),
    scope=Scope.RUN,
    required=True,
    why="find and remove the Jobs of a run",
)
_REMOVE_PODS = Right(
    verbs=("list", "watch", "delete"),
    resources=("pods",),
    scope=Scope.RUN,
    required=True,
    why="wait until the pods of a run are ready, and until they are gone",
)

_BENCH: tuple[Right, ...] = (
    Right(
        verbs=("create",),
        resources=("namespaces",),
        scope=Scope.NEW_NAMESPACE,
        required=True,
        why="make the run's namespace (not needed with --namespace)",
    ),
    Right(
        verbs=("get", "delete"),
        resources=("namespaces",),
        scope=Scope.NEW_NAMESPACE,
        required=True,
        why="remove the run's namespace and wait until it is gone (not needed with --namespace)",
    ),
    Right(
        verbs=("get",),
        resources=("namespaces",),
        scope=Scope.RUN,
        why="see which pod security level the namespace enforces",
    ),
    Right(
        verbs=("get",),
        resources=("serviceaccounts",),
        scope=Scope.NEW_NAMESPACE,
        why="see when the new namespace is ready for pods",
    ),
    Right(
        verbs=("create",),
        group="batch",
        resources=("jobs",),
        scope=Scope.RUN,
        required=True,
        why="run the two ends of each path; a Job ends by itself, whatever happens to us",
    ),
    Right(
        verbs=("create",),
        resources=("secrets",),
        scope=Scope.RUN,
        required=True,
        tests=frozenset({TestName.FTP}),
        why="give both ends of the test ftp a random password; it goes with the run's Jobs",
    ),
    _REMOVE_JOBS,
    _REMOVE_PODS,
    Right(
        # API servers before 1.35 ask for get, later ones for both.
        verbs=("get", "create"),
        resources=("pods/exec",),
        scope=Scope.RUN,
        required=True,
        why="start the measuring programs in our own pods",
    ),
    Right(
        verbs=("get",),
        resources=("pods/log",),
        scope=Scope.RUN,
        required=True,
        why="read the samplers of CPU, memory and NIC in our own pods",
    ),
    Right(
        verbs=("list", "watch"),
        resources=("events",),
        scope=Scope.RUN,
        why="say why a pod was refused or does not start",
    ),
    Right(
        verbs=("get",),
        group="metrics.k8s.io",
        resources=("pods",),
        scope=Scope.CLUSTER,
        why="what the CNI's agents take; nothing else depends on it",
    ),
)

_CLEANUP: tuple[Right, ...] = (
    Right(
        verbs=("list", "get", "delete"),
        resources=("namespaces",),
        scope=Scope.NEW_NAMESPACE,
        required=True,
        why="find and remove the namespaces that runs made",
    ),
    _REMOVE_JOBS,
    _REMOVE_PODS,
)

_PROBE = Right(
    verbs=("create", "delete"),
    group="networking.k8s.io",
    resources=("networkpolicies",),
    scope=Scope.RUN,
    required=True,
    why="make policies that select the run's own pods, and remove them",
)

RIGHTS: dict[Purpose, tuple[Right, ...]] = {
    Purpose.DETECT: _DETECT,
    Purpose.BENCH: (*_DETECT, *_BENCH),
    Purpose.CLEANUP: _CLEANUP,
    Purpose.PROBE: (*_DETECT, *_BENCH, _PROBE),
}


def manifest(purpose: str, *, namespace: str | None = None) -> str:
    """Return the roles for ``purpose`` as YAML for ``kubectl apply``, each rule with its reason.

    Args:
        namespace: the namespace a run will use: what can be is limited to it then. None: the run
            makes its own, and the rights in it must hold everywhere, because its name is new.

    Raises:
        UsageError: ``namespace`` can't be a namespace's name.
    """
    if namespace is not None and not _NAMESPACE.fullmatch(namespace):
        raise UsageError(
            f'"{printable(namespace, limit=100)}" can\'t be the name of a namespace',
            hint="at most 63 lower-case letters, digits and dashes, no dash at either end",
        )
    wanted = RIGHTS[Purpose(purpose)]
    name = f"cniadvisor-{purpose}"
    everywhere = [right for right in wanted if _is_cluster_wide(right, namespace)]
    inside = [right for right in wanted if namespace and right.scope is Scope.RUN]
    parts: list[str] = []
    if everywhere:
        bind = f"kubectl create clusterrolebinding {name} --clusterrole={name} --user=USER"
        parts.append(_role("ClusterRole", name, None, everywhere, bind))
    if namespace and inside:
        bind = f"kubectl create rolebinding {name} -n {namespace} --role={name} --user=USER"
        parts.append(_role("Role", name, namespace, inside, bind))
    return "---\n".join(parts)


async def missing_rights(
    connection: "Connection", rights: Iterable[Right], *, namespace: str | None
) -> tuple[str, ...]:
    """Return which of ``rights`` the user lacks, as ``verb resource[.group][ in namespace x]``.

    Asks the API server (SelfSubjectAccessReview), which every authenticated user may do.

    Raises:
        ClusterError, DeadlineError: it does not answer.
    """
    asked = [
        (verb, resource, right)
        for right in rights
        if namespace is None or right.scope is not Scope.NEW_NAMESPACE
        for resource in right.resources
        for verb in right.verbs
    ]
    allowed = await asyncio.gather(
        *(
            _is_allowed(connection, verb, resource, right, namespace)
            for verb, resource, right in asked
        )
    )
    return tuple(
        dict.fromkeys(
            _in_words(verb, resource, right, namespace)
            for (verb, resource, right), may in zip(asked, allowed, strict=True)
            if not may
        )
    )


async def require_rights(
    connection: "Connection",
    purpose: str,
    *,
    namespace: str | None = None,
    tests: Collection[TestName] = tuple(TestName),
) -> None:
    """Raise unless the user has every right that ``purpose`` can't do without.

    ``tests`` are those that will be run.

    Raises:
        AccessError: names all that is missing, and how to grant it.
        ClusterError, DeadlineError: the API server does not answer.
    """
    needed = [
        right
        for right in RIGHTS[Purpose(purpose)]
        if right.required and not (right.tests and right.tests.isdisjoint(tests))
    ]
    missing = await missing_rights(connection, needed, namespace=namespace)
    if not missing:
        return
    where = f" --namespace {namespace}" if namespace else ""
    instead = "" if namespace else "; or give a namespace you may use with --namespace"
    raise AccessError(
        f"{'a right is' if len(missing) == 1 else f'{len(missing)} rights are'} missing for "
        f"{purpose}: " + printable(", ".join(missing)),
        right=missing[0],
        hint=f"an administrator can grant what `cniadvisor rbac --for {purpose}{where}` prints"
        + instead,
    )


def _is_cluster_wide(right: Right, namespace: str | None) -> bool:
    return right.scope is Scope.CLUSTER or namespace is None


async def _is_allowed(
    connection: "Connection", verb: str, resource: str, right: Right, namespace: str | None
) -> bool:
    name, _, subresource = resource.partition("/")
    asked: JsonObject = {"verb": verb, "group": right.group, "resource": name}
    if subresource:
        asked["subresource"] = subresource
    if right.names:
        asked["name"] = right.names[0]  # They are granted together.
    if not _is_cluster_wide(right, namespace):
        asked["namespace"] = namespace
    review: JsonObject = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": asked},
    }
    answer = await connection.create(_REVIEWS, review)
    return value(answer, "status", "allowed") is True


def _in_words(verb: str, resource: str, right: Right, namespace: str | None) -> str:
    qualified = f"{resource}.{right.group}" if right.group else resource
    inside = "" if _is_cluster_wide(right, namespace) else f" in namespace {namespace}"
    return f"{verb} {qualified}{inside}"


def _role(kind: str, name: str, namespace: str | None, rights: Iterable[Right], bind: str) -> str:
    lines = [
        f"# Give it to somebody with: {bind}",
        "apiVersion: rbac.authorization.k8s.io/v1",
        f"kind: {kind}",
        "metadata:",
        f"  name: {name}",
        *([f"  namespace: {namespace}"] if namespace else []),
        "  labels:",
        "    app.kubernetes.io/name: cniadvisor",
        "rules:",
    ]
    for right in rights:
        lines += [
            f"  # {right.why}",
            f'  - apiGroups: ["{right.group}"]',
            f"    resources: {_flow(right.resources)}",
            *([f"    resourceNames: {_flow(right.names)}"] if right.names else []),
            f"    verbs: {_flow(right.verbs)}",
        ]
    return "\n".join(lines) + "\n"


def _flow(words: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"
