"""Which pods are a CNI's agents: the DaemonSets detection recognised, with their selectors. Pure.

Controllers (Deployments) are left out: one of them serves the whole cluster, and it need not run
on the nodes that are measured.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cniadvisor.detect import reading
from cniadvisor.detect.cluster import Cluster, Workload
from cniadvisor.detect.detection import FINDERS
from cniadvisor.domain.findings import Findings
from cniadvisor.domain.inventory import Inventory, JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentWorkload:
    """A DaemonSet of a detected component; ``selector`` selects its pods, as the API takes it."""

    component: str
    namespace: str
    name: str
    selector: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agents:
    """The agents of a cluster's network; ``reason`` says why there are none, or why not all."""

    workloads: tuple[AgentWorkload, ...]
    reason: str = ""


def agents_of(inventory: Inventory, findings: Findings) -> Agents:
    """Return the DaemonSets of the primary CNI, the policy engine and what runs beside them."""
    cluster = Cluster(inventory)
    slots = (findings.primary, findings.policy, *findings.meta, *findings.chained)
    names = list(dict.fromkeys(component.name for component in slots if component is not None))
    candidates = {found.name: found for find in FINDERS for found in find(cluster)}
    selectors = _selectors(cluster)
    workloads: dict[tuple[str, str], AgentWorkload] = {}
    unread: list[Workload] = []
    for name in names:
        running = candidates[name].workloads if name in candidates else ()
        for workload in running:
            place = (workload.namespace, workload.name)
            if workload.kind == "Deployment" or not workload.running or place in workloads:
                continue
            if place not in selectors:
                unread.append(workload)
                continue
            workloads[place] = AgentWorkload(
                component=name,
                namespace=workload.namespace,
                name=workload.name,
                selector=selectors[place],
            )
    return Agents(
        workloads=tuple(workloads.values()),
        reason=_reason(findings, workloads.values(), unread),
    )


def _reason(findings: Findings, found: object, unread: list[Workload]) -> str:
    if unread:
        told = ", ".join(f"{workload.namespace}/{workload.name}" for workload in unread)
        return f"which pods belong to {told} is not known: the right to list daemonsets is missing"
    if found:
        return ""
    if findings.primary is None:
        return "the CNI was not found out, so its agents are not known"
    return (
        f"{findings.primary.name} has no agent pods here: it runs inside another program or in "
        "the kernel alone, where the metrics API can't tell it apart"
    )


def _selectors(cluster: Cluster) -> Mapping[tuple[str, str], str]:
    """Return namespace and name of each DaemonSet that was read -> its selector."""
    selectors: dict[tuple[str, str], str] = {}
    for item in cluster.objects("apps", "daemonsets"):
        place = (
            reading.text(item, "metadata", "namespace") or "",
            reading.text(item, "metadata", "name") or "",
        )
        selector = label_selector(reading.mapping(item, "spec", "selector"))
        if selector:
            selectors[place] = selector
    return selectors


def label_selector(selector: JsonObject) -> str:
    """Return a LabelSelector object in the words of the query parameter ``labelSelector``.

    Empty when it selects by nothing, or by an operator that is not known.
    Source: k8s.io/apimachinery, pkg/apis/meta/v1 (LabelSelectorAsSelector).
    """
    terms = [f"{key}={value}" for key, value in reading.text_map(selector, "matchLabels").items()]
    for expression in reading.objects(selector, "matchExpressions"):
        key = reading.text(expression, "key") or ""
        values = ",".join(reading.texts(expression, "values"))
        match reading.text(expression, "operator"):
            case "In":
                terms.append(f"{key} in ({values})")
            case "NotIn":
                terms.append(f"{key} notin ({values})")
            case "Exists":
                terms.append(key)
            case "DoesNotExist":
                terms.append(f"!{key}")
            case _:
                return ""
    return ",".join(terms)
