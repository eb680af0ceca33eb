"""Small clusters written by hand, in the shape of an inventory file."""

import json
from collections.abc import Mapping
from typing import Any

from cniadvisor.detect.detection import detect
from cniadvisor.domain.findings import Component, Findings
from cniadvisor.domain.inventory import Absent, Failed, Forbidden, Found, Inventory, Read

BEFORE = "2026-01-01T00:00:00Z"
INSTALLED = "2026-02-01T00:00:00Z"
AFTER = "2026-03-01T00:00:00Z"

NODES = "/api/v1/nodes"
PODS = "/api/v1/pods"
DAEMON_SETS = "/apis/apps/v1/daemonsets"
DEPLOYMENTS = "/apis/apps/v1/deployments"
CONFIG_MAPS = "/api/v1/configmaps"
EVENTS = "/api/v1/events"
POLICIES = "/apis/networking.k8s.io/v1/networkpolicies"
CALICO = "/apis/crd.projectcalico.org/v1/"
CALICO_V3 = "/apis/projectcalico.org/v3/"
CILIUM = "/apis/cilium.io/v2/"
INSTALLATIONS = "/apis/operator.tigera.io/v1/installations"
FILES = "host:/etc/cni/net.d"

FLANNEL_IMAGE = "ghcr.io/flannel-io/flannel:v0.28.9"
CALICO_IMAGE = "quay.io/calico/node:v3.32.1"
CILIUM_IMAGE = "quay.io/cilium/cilium:v1.20.0@sha256:0123456789abcdef"
MULTUS_IMAGE = "ghcr.io/k8snetworkplumbingwg/multus-cni:snapshot"

Json = dict[str, Any]


def outcome(path: str, value: Json) -> Read:
    """Turn one entry of an inventory file into the outcome of its read."""
    status = value.get("status") if len(value) == 1 else None
    if isinstance(status, int):
        if status == 404:
            return Absent()
        if status in (401, 403):
            return Forbidden(right=f"list {path.rpartition('/')[2]}", status=status)
        return Failed(reason=f"HTTP {status}", status=status)
    return Found(body=value)


def inventory_of(content: Mapping[str, Json]) -> Inventory:
    """Build an inventory from the content of an inventory file."""
    return Inventory(reads={path: outcome(path, value) for path, value in content.items()})


def container(
    name: str,
    image: str,
    *,
    command: tuple[str, ...] = (),
    args: tuple[str, ...] = (),
    env: Mapping[str, str | tuple[str, str]] | None = None,
) -> Json:
    """A container; an environment value that is a pair is a ConfigMap's name and key."""
    variables: list[Json] = [
        {"name": key, "value": value}
        if isinstance(value, str)
        else {
            "name": key,
            "valueFrom": {"configMapKeyRef": {"name": value[0], "key": value[1]}},
        }
        for key, value in (env or {}).items()
    ]
    return {
        "name": name,
        "image": image,
        "command": list(command),
        "args": list(args),
        "env": variables,
    }


class World:
    """A cluster under construction; everything can be read unless :meth:`status` says otherwise."""

    def __init__(self, *, version: str = "v1.34.4") -> None:
        self.content: dict[str, Json] = {
            "/version": {"gitVersion": version},
            "/apis": {"groups": []},
        }
        for path in (NODES, PODS, DAEMON_SETS, DEPLOYMENTS, CONFIG_MAPS, POLICIES):
            self.content[path] = {"items": []}

    def put(self, path: str, *items: Json) -> None:
        """Add items to the list at ``path``, and its group to discovery."""
        self.content.setdefault(path, {"items": []})["items"].extend(items)
        parts = path.split("/")
        if path.startswith("/apis/"):
            self.group(parts[2])

    def group(self, name: str) -> None:
        """Serve an API group."""
        groups = self.content["/apis"]["groups"]
        if {"name": name} not in groups:
            groups.append({"name": name})

    def status(self, path: str, status: int) -> None:
        """Let the read of ``path`` end with an HTTP status."""
        self.content[path] = {"status": status}

    def node(
        self,
        name: str,
        *,
        annotations: Mapping[str, str] | None = None,
        labels: Mapping[str, str] | None = None,
        reason: str | None = None,
        unavailable: str = "False",
        heartbeat: str = AFTER,
        pod_cidr: str | None = None,
        kubelet: str = "v1.34.4",
        kernel: str = "6.1.0",
        os: str = "linux",
        os_image: str = "Debian GNU/Linux 12",
        provider: str = "",
        ready: bool = True,
        message: str = "kubelet is posting ready status",
    ) -> None:
        """Add a node; ``reason`` is that of its condition NetworkUnavailable."""
        conditions: list[Json] = [
            {"type": "Ready", "status": "True" if ready else "False", "message": message}
        ]
        if reason is not None:
            conditions.append(
                {
                    "type": "NetworkUnavailable",
                    "status": unavailable,
                    "reason": reason,
                    "lastHeartbeatTime": heartbeat,
                }
            )
        number = len(self.content[NODES]["items"])
        cidr = pod_cidr or f"10.244.{number}.0/24"
        self.put(
            NODES,
            {
                "metadata": {
                    "name": name,
                    "annotations": dict(annotations or {}),
                    "labels": {"kubernetes.io/os": os, **(labels or {})},
                },
                "spec": {"podCIDR": cidr, "podCIDRs": [cidr], "providerID": provider},
                "status": {
                    "conditions": conditions,
                    "nodeInfo": {
                        "kubeletVersion": kubelet,
                        "kernelVersion": kernel,
                        "osImage": os_image,
                        "operatingSystem": os,
                    },
                },
            },
        )

    def workload(
        self,
        name: str,
        *containers: Json,
        path: str = DAEMON_SETS,
        namespace: str = "kube-system",
        desired: int = 2,
        ready: int = 2,
        created: str = INSTALLED,
        init: tuple[Json, ...] = (),
        labels: Mapping[str, str] | None = None,
        pod_labels: Mapping[str, str] | None = None,
        config_maps: tuple[str, ...] = (),
        owner: str | None = None,
    ) -> None:
        """Add a DaemonSet (or what ``path`` lists)."""
        counts: Json = {"desiredNumberScheduled": desired, "numberReady": ready}
        if path == DEPLOYMENTS:
            counts = {"readyReplicas": ready}
        self.put(
            path,
            {
                "metadata": {
                    "name": name,
                    "namespace": namespace,
                    "creationTimestamp": created,
                    "labels": dict(labels or {}),
                    "ownerReferences": [{"kind": owner, "name": "default"}] if owner else [],
                },
                "spec": {
                    "replicas": desired,
                    "template": {
                        "metadata": {"labels": dict(pod_labels or {})},
                        "spec": {
                            "containers": list(containers),
                            "initContainers": list(init),
                            "volumes": [{"name": n, "configMap": {"name": n}} for n in config_maps],
                        },
                    },
                },
                "status": counts,
            },
        )

    def pod(
        self,
        name: str,
        *,
        node: str = "node1",
        ip: str | None = "10.244.0.5",
        namespace: str = "default",
        annotations: Mapping[str, str] | None = None,
        created: str = AFTER,
        host_network: bool = False,
        phase: str = "Running",
        owner: tuple[str, str] | None = None,
        containers: tuple[Json, ...] = (),
    ) -> None:
        """Add a pod; without an ``ip`` its sandbox is not ready."""
        running = phase == "Running"
        self.put(
            PODS,
            {
                "metadata": {
                    "name": name,
                    "namespace": namespace,
                    "annotations": dict(annotations or {}),
                    "creationTimestamp": created,
                    "ownerReferences": [{"kind": owner[0], "name": owner[1]}] if owner else [],
                },
                "spec": {
                    "nodeName": node,
                    "hostNetwork": host_network,
                    "containers": list(containers),
                },
                "status": {
                    "phase": phase,
                    "podIPs": [{"ip": ip}] if ip else [],
                    "conditions": [
                        {"type": "Ready", "status": "True" if running else "False"},
                        {
                            "type": "PodReadyToStartContainers",
                            "status": "True" if ip else "False",
                        },
                    ],
                },
            },
        )

    def config_map(
        self, name: str, data: Mapping[str, str], namespace: str = "kube-system"
    ) -> None:
        """Add a ConfigMap."""
        metadata = {"name": name, "namespace": namespace}
        self.put(CONFIG_MAPS, {"metadata": metadata, "data": dict(data)})

    def resource(self, path: str, name: str, spec: Json, **more: Any) -> None:
        """Add a custom resource."""
        self.put(path, {"metadata": {"name": name}, "spec": spec, **more})

    def file(self, node: str, name: str, kind: str, *chained: str, network: str = "net") -> None:
        """Add a CNI configuration file to a node."""
        plugins = [{"type": plugin} for plugin in (kind, *chained)]
        document = {"name": network, "cniVersion": "1.0.0", "plugins": plugins}
        files = self.content.setdefault(FILES, {}).setdefault(node, {})
        files[name] = json.dumps(document)

    # Whole installations

    def two_nodes(self, **more: Any) -> None:
        """Add node1 and node2, alike."""
        self.node("node1", **more)
        self.node("node2", **more)

    def flannel(
        self,
        backend: Json | None = None,
        *,
        namespace: str = "kube-flannel",
        name: str = "kube-flannel-ds",
        image: str = FLANNEL_IMAGE,
        containers: tuple[Json, ...] = (),
        **more: Any,
    ) -> None:
        """Install Flannel; ``backend`` None leaves Backend out of net-conf.json."""
        document: Json = {"Network": "10.244.0.0/16"}
        if backend is not None:
            document["Backend"] = backend
        self.config_map("kube-flannel-cfg", {"net-conf.json": json.dumps(document)}, namespace)
        self.workload(
            name,
            container("kube-flannel", image, command=("/opt/bin/flanneld",)),
            *containers,
            namespace=namespace,
            config_maps=("kube-flannel-cfg",),
            **more,
        )

    def calico(
        self,
        *,
        backend: str | tuple[str, str] = "bird",
        ipip: str = "Always",
        vxlan: str = "Never",
        namespace: str = "kube-system",
        image: str = CALICO_IMAGE,
        mtu: str = "0",
        env: Mapping[str, str] | None = None,
        pools: bool = True,
        **more: Any,
    ) -> None:
        """Install Calico as its manifest does, with one pool."""
        self.workload(
            "calico-node",
            container(
                "calico-node",
                image,
                env={
                    "DATASTORE_TYPE": "kubernetes",
                    "CALICO_NETWORKING_BACKEND": backend,
                    "CLUSTER_TYPE": "k8s,bgp",
                    **(env or {}),
                },
            ),
            init=(container("install-cni", image, env={"CNI_MTU": mtu}),),
            namespace=namespace,
            **more,
        )
        self.group("crd.projectcalico.org")
        if pools:
            self.pool("default-ipv4-ippool", ipip=ipip, vxlan=vxlan)
            self.content.setdefault(CALICO + "felixconfigurations", {"items": []})

    def pool(
        self,
        name: str,
        *,
        ipip: str = "Never",
        vxlan: str = "Never",
        cidr: str = "10.244.0.0/16",
        **more: Any,
    ) -> None:
        """Add a Calico pool."""
        self.resource(
            CALICO + "ippools",
            name,
            {"cidr": cidr, "ipipMode": ipip, "vxlanMode": vxlan, "nodeSelector": "all()", **more},
        )

    def felix(self, spec: Json, name: str = "default") -> None:
        """Add a FelixConfiguration."""
        self.resource(CALICO + "felixconfigurations", name, spec)

    def canal(
        self,
        backend: Json | None = None,
        *,
        name: str = "canal",
        config: str = "canal-config",
        veth_mtu: str = "0",
        flannel_container: str = "kube-flannel",
        **more: Any,
    ) -> None:
        """Install Canal."""
        net_conf = json.dumps({"Backend": backend or {"Type": "vxlan"}})
        self.config_map(config, {"net-conf.json": net_conf, "veth_mtu": veth_mtu})
        self.workload(
            name,
            container(
                "calico-node",
                CALICO_IMAGE,
                env={"CALICO_NETWORKING_BACKEND": "none", "CLUSTER_TYPE": "k8s,canal"},
            ),
            container(flannel_container, "docker.io/flannel/flannel:v0.24.4"),
            init=(container("install-cni", CALICO_IMAGE, env={"CNI_MTU": (config, "veth_mtu")}),),
            config_maps=(config,),
            **more,
        )
        self.group("crd.projectcalico.org")

    def cilium(
        self,
        config: Mapping[str, str] | None = None,
        *,
        name: str = "cilium",
        namespace: str = "kube-system",
        image: str = CILIUM_IMAGE,
        **more: Any,
    ) -> None:
        """Install Cilium; ``config`` None leaves ``cilium-config`` out."""
        if config is not None:
            self.config_map("cilium-config", config, namespace)
        self.workload(
            name,
            container("cilium-agent", image, command=("cilium-agent",)),
            namespace=namespace,
            pod_labels={"k8s-app": "cilium"},
            **more,
        )
        self.group("cilium.io")

    def cilium_endpoint(self, name: str, namespace: str = "default") -> None:
        """Let Cilium manage a pod."""
        self.put(CILIUM + "ciliumendpoints", {"metadata": {"name": name, "namespace": namespace}})

    def multus(self, *, thick: bool = False, **more: Any) -> None:
        """Install Multus."""
        image = MULTUS_IMAGE + "-thick" if thick else MULTUS_IMAGE
        command = "/usr/src/multus-cni/bin/multus-daemon" if thick else "/thin_entrypoint"
        self.workload("kube-multus-ds", container("kube-multus", image, command=(command,)), **more)
        self.group("k8s.cni.cncf.io")

    # What comes of it

    def inventory(self) -> Inventory:
        """Return it as an inventory."""
        return inventory_of(self.content)

    def detect(self) -> Findings:
        """Detect on it."""
        return detect(self.inventory())

    def primary(self) -> Component:
        """Detect on it and return the primary, which must have been found."""
        primary = self.detect().primary
        assert primary is not None
        return primary


def named(components: tuple[Component, ...], name: str) -> Component:
    """Return the component with this name."""
    return next(component for component in components if component.name == name)


def names(components: tuple[Component, ...]) -> list[str]:
    """Return the components' names."""
    return [component.name for component in components]


def said(findings: Findings, *words: str) -> list[str]:
    """Return the warnings that hold all these words."""
    return [text for text in findings.warnings if all(word in text for word in words)]
