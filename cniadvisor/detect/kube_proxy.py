"""kube-proxy: which mode it runs in, or that the CNI does its work. Three answers, one is unknown.

No DaemonSet proves nothing: k3s, MicroK8s and RKE2 run kube-proxy in a process or as static pods,
and a machine may run it as a service. Only the CNI's own setting says that it was replaced.
"""

import re

from cniadvisor.detect.cluster import Cluster
from cniadvisor.detect.cluster_objects import Container, Workload
from cniadvisor.detect.weigh import Judgement
from cniadvisor.domain.findings import Unknown

CONTAINER = "kube-proxy"
CONFIG_KEYS = ("config.conf", "config")
DEFAULT_MODE = "iptables"
"""What Linux takes when no mode is set."""

_MODES = frozenset({"iptables", "ipvs", "nftables", "userspace", "kernelspace"})
_MODE_LINE = re.compile(r"(?m)^mode:[ \t]*[\"']?([A-Za-z]{0,20})[\"']?[ \t]*(?:#.*)?$")


def mode(cluster: Cluster, judgement: Judgement) -> str | None:
    """Return iptables, ipvs, nftables, ..., ``replaced``, or None when it was not found out."""
    if _replaced(judgement):
        return "replaced"
    workload = _workload(cluster)
    if workload is not None:
        return configured_mode(cluster, workload)
    for weighed in judgement.everybody:
        if weighed.name == "kube-proxy":
            return weighed.candidate.mode or DEFAULT_MODE
    return None


def unknown(cluster: Cluster, judgement: Judgement) -> tuple[Unknown, ...]:
    """Return what would tell kube-proxy's mode, where it is not known."""
    if mode(cluster, judgement) is not None:
        return ()
    refusal = cluster.refusal("apps", "daemonsets")
    if refusal is not None:
        return (Unknown(what=f"kube-proxy's mode: {refusal.what}", right=refusal.right),)
    workload = _workload(cluster)
    if workload is not None:
        source = f"{workload} runs, and its configuration"
        names = [n for n in workload.config_maps if "proxy" in n] or ["kube-proxy"]
        for name in names:
            if refused := cluster.config_map_refusal(workload.namespace, name):
                return (
                    Unknown(
                        what=f"kube-proxy's mode: {source}: {refused.what}", right=refused.right
                    ),
                )
        return (
            Unknown(
                what=f"kube-proxy's mode: {source} is not in a ConfigMap",
                right="read http://localhost:10249/proxyMode on a node",
            ),
        )
    return (
        Unknown(
            what="kube-proxy's mode: it shows no DaemonSet, which does not mean that it is absent",
            right="read http://localhost:10249/proxyMode on a node",
        ),
    )


def warnings(cluster: Cluster, judgement: Judgement) -> tuple[str, ...]:
    """kube-proxy running although the CNI does its work."""
    workload = _workload(cluster)
    if workload is None or not _replaced(judgement):
        return ()
    return (f"The CNI replaces kube-proxy, but {workload} still runs it beside.",)


def configured_mode(cluster: Cluster, workload: Workload) -> str | None:
    """Return the mode from the arguments, then from the ConfigMap; empty means the default."""
    container = _container(workload)
    if container is None:
        return None
    if (flag := container.option("proxy-mode")) is not None:
        return flag.lower() if flag.lower() in _MODES else DEFAULT_MODE
    for name in (*workload.config_maps, "kube-proxy", "kube-proxy-config"):
        data = cluster.config_map(workload.namespace, name)
        if data is None:
            continue
        for key in CONFIG_KEYS:
            if found := _MODE_LINE.search(data.get(key, "")):
                return found.group(1).lower() or DEFAULT_MODE
            if key in data:
                return DEFAULT_MODE
    if container.option("config") is not None:
        return None
    return DEFAULT_MODE


def _replaced(judgement: Judgement) -> bool:
    return any(
        weighed.candidate.kube_proxy == "replaced" and weighed.candidate.running
        for weighed in judgement.everybody
    )


def _workload(cluster: Cluster) -> Workload | None:
    everything = (*cluster.daemon_sets, *cluster.static_pods)
    return next((w for w in everything if w.running and _container(w) is not None), None)


def _container(workload: Workload) -> Container | None:
    """Return kube-proxy's container: by name, and by image or command."""
    container = workload.container(CONTAINER)
    if container is None:
        return None
    words = (container.image.name, *container.words)
    known = any(name in word for word in words for name in ("kube-proxy", "hyperkube"))
    return container if known or "hardened-kubernetes" in container.image.name else None
