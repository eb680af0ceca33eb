"""The probe's NetworkPolicies in the run's namespace, each selecting one pod of the run."""

from collections.abc import Mapping
from contextlib import suppress
from functools import partial

from cniadvisor.bench.endpoints import Service
from cniadvisor.domain.inventory import JsonObject, JsonValue
from cniadvisor.domain.measurement import PathName, Role
from cniadvisor.k8s.api_errors import ConflictError, NotFoundError
from cniadvisor.k8s.connection import Connection
from cniadvisor.k8s.naming import PATH_LABEL, PRODUCT, ROLE_LABEL, RUN_LABEL, labels_of, owned_by
from cniadvisor.k8s.retrying import AWAY_S, persistently
from cniadvisor.probe.policies import ALLOWED, Rule

__all__ = ["NetworkPolicies", "network_policy", "policy_name"]

_STRANGER = "stranger"
"""A role no pod has."""


class NetworkPolicies:
    """Makes them through the API server; see :class:`cniadvisor.probe.policies.Policies`.

    ``owners`` are the run's Jobs as created: the policies go with them, whatever happens to us.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        run_id: str,
        namespace: str,
        owners: tuple[JsonObject, ...],
        ports: Mapping[Service, int],
    ) -> None:
        self._connection = connection
        self._run_id = run_id
        self._namespace = namespace
        self._owners = owners
        self._port = ports[ALLOWED]
        self._path = f"/apis/networking.k8s.io/v1/namespaces/{namespace}/networkpolicies"

    async def apply(self, rule: Rule) -> None:
        """Create it; one that is there already is ours, its answer was lost.

        As removing it, asked again while the API server is away for some seconds.
        """
        manifest = network_policy(
            rule,
            run_id=self._run_id,
            namespace=self._namespace,
            owners=self._owners,
            port=self._port,
        )
        with suppress(ConflictError):
            await persistently(partial(self._connection.create, self._path, manifest), for_s=AWAY_S)

    async def remove(self, rule: Rule) -> None:
        """Delete it."""
        with suppress(NotFoundError):
            place = f"{self._path}/{policy_name(self._run_id, rule)}"
            await persistently(partial(self._connection.delete, place), for_s=AWAY_S)


def network_policy(
    rule: Rule, *, run_id: str, namespace: str, owners: tuple[JsonObject, ...], port: int
) -> JsonObject:
    """Return the NetworkPolicy of a rule; it selects one pod of the run on the pod path."""
    egress = rule is Rule.DENY_EGRESS
    spec: JsonObject = {
        "podSelector": _pod(run_id, Role.CLIENT if egress else Role.SERVER),
        "policyTypes": ["Egress" if egress else "Ingress"],
    }
    if rule in (Rule.ALLOW_CLIENT, Rule.ALLOW_STRANGER):
        role = Role.CLIENT if rule is Rule.ALLOW_CLIENT else _STRANGER
        ports: list[JsonValue] = [{"protocol": "TCP", "port": port}]
        spec["ingress"] = [{"from": [{"podSelector": _pod(run_id, role)}], "ports": ports}]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {
            "name": policy_name(run_id, rule),
            "namespace": namespace,
            "labels": labels_of(run_id),
            **owned_by(owners),
        },
        "spec": spec,
    }


def policy_name(run_id: str, rule: Rule) -> str:
    """Return the name of a rule's NetworkPolicy."""
    return f"{PRODUCT}-{run_id}-{rule}"


def _pod(run_id: str, role: str) -> JsonObject:
    labels: JsonObject = {RUN_LABEL: run_id, ROLE_LABEL: role, PATH_LABEL: PathName.POD}
    return {"matchLabels": labels}
