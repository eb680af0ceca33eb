"""Calico's custom resources, which live in one of two API groups; the operator's Installation."""

from dataclasses import dataclass

from cniadvisor.detect import reading
from cniadvisor.detect.cluster import Cluster, Refusal
from cniadvisor.detect.cluster_objects import Container
from cniadvisor.domain.inventory import JsonObject

GROUPS = ("crd.projectcalico.org", "projectcalico.org")
"""The first is where most clusters keep them; the second is aggregated, or native since 3.32."""


def uses_etcd(container: Container) -> bool:
    """Whether Calico keeps its state in etcd: then custom resources are somebody else's.

    The manifest for etcd sets its endpoints and no DATASTORE_TYPE.
    """
    kind = container.environment.get("DATASTORE_TYPE") or ""
    return kind.startswith("etcd") or (
        not kind and any(key.startswith("ETCD_ENDPOINTS") for key in container.environment)
    )


def stored_objects(
    cluster: Cluster, container: Container, resource: str
) -> tuple[tuple[JsonObject, ...], Refusal | None]:
    """Return the objects of a resource where this Calico keeps them; with etcd out of sight."""
    if uses_etcd(container):
        what = f"{resource} are kept in Calico's own etcd"
        return (), Refusal(what=what, right=f"run `calicoctl get {resource}`")
    return calico_objects(cluster, resource)


def calico_objects(
    cluster: Cluster, resource: str
) -> tuple[tuple[JsonObject, ...], Refusal | None]:
    """Return the objects of a Calico resource, and why it is unknown if none could be read."""
    for group in GROUPS:
        found = cluster.objects(group, resource)
        if found:
            return found, None
    refusals = (
        cluster.refusal(group, resource) for group in GROUPS if cluster.served(group) is not False
    )
    return (), next((refusal for refusal in refusals if refusal is not None), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """The operator's Installation ``default``; ``used`` is whether the operator is in charge."""

    used: bool
    spec: JsonObject
    status: JsonObject
    refusal: Refusal | None = None

    @classmethod
    def read(cls, cluster: Cluster) -> "Installation":
        """Read it, defaults filled in by the operator (status.computed) preferred."""
        found = cluster.objects("operator.tigera.io", "installations")
        named = [item for item in found if reading.text(item, "metadata", "name") == "default"]
        for item in (*named, *found):
            status = reading.mapping(item, "status")
            return cls(
                used=True,
                spec={**reading.mapping(item, "spec"), **reading.mapping(status, "computed")},
                status=status,
            )
        return cls(
            used=True,
            spec={},
            status={},
            refusal=cluster.refusal("operator.tigera.io", "installations"),
        )

    @property
    def cni_type(self) -> str | None:
        """Who wires pods: Calico, GKE, AmazonVPC, AzureVNET; None when it is not told."""
        return reading.text(self.spec, "cni", "type")

    @property
    def network(self) -> JsonObject:
        """``calicoNetwork``."""
        return reading.mapping(self.spec, "calicoNetwork")
