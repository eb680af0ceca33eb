"""The inventory as detection sees it: nodes, workloads, pods, ConfigMaps, custom resources.

Each kind of thing is known, partly known or unknown. Unknown never becomes "there is none":
:meth:`Cluster.refusal` tells why a kind is unknown, and the right that would tell.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from cniadvisor.detect import reading
from cniadvisor.detect.cluster_objects import (
    ConfFile,
    Container,
    Node,
    Pod,
    Workload,
    conf_file_of,
    node_of,
    pod_of,
    present,
)
from cniadvisor.detect.images import Image, parse_image
from cniadvisor.domain.inventory import (
    HOST_PREFIX,
    Absent,
    Failed,
    Forbidden,
    Found,
    Inventory,
    JsonObject,
    Read,
)

_PATH = re.compile(
    r"/(?:api/v1|apis/(?P<group>[^/]+)/[^/]+)"
    r"(?:/namespaces/(?P<namespace>[^/]+)(?=/))?"
    r"/(?P<resource>[^/]+)(?:/(?P<name>[^/]+))?"
)
_GROUP_VERSION = re.compile(r"/apis/(?P<group>[^/]+)/[^/]+")
_ALWAYS_SERVED = frozenset({"", "apps", "networking.k8s.io", "apiextensions.k8s.io"})
"""Groups every cluster has: that they are not listed proves nothing."""
_CONF_SUFFIXES = (".conf", ".conflist", ".json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why something is unknown, and the right that would tell (or what to do)."""

    what: str
    right: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    path: str
    namespace: str | None
    name: str | None
    read: Read


class Cluster:
    """A read-only view of one inventory; build it once and ask it."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self._entries: dict[tuple[str, str], list[_Entry]] = {}
        self._versions: dict[str, list[Read]] = {}
        for path, read in inventory.reads.items():
            bare = path.partition("?")[0].rstrip("/")
            if group_version := _GROUP_VERSION.fullmatch(bare):
                self._versions.setdefault(group_version["group"], []).append(read)
            matched = _PATH.fullmatch(bare)
            if matched is None:
                continue
            key = (matched["group"] or "", matched["resource"])
            entry = _Entry(
                path=path, namespace=matched["namespace"], name=matched["name"], read=read
            )
            self._entries.setdefault(key, []).append(entry)

    # What is known

    def known(self, group: str, resource: str) -> bool:
        """Whether the whole cluster's list of ``resource`` is known, an absent kind included."""
        wide = [
            entry
            for entry in self._entries.get((group, resource), ())
            if entry.namespace is None and entry.name is None
        ]
        if any(isinstance(entry.read, Found | Absent) for entry in wide):
            return True
        return self.served(group) is False

    def served(self, group: str) -> bool | None:
        """Whether the cluster serves an API group; None when that was not read."""
        if group in _ALWAYS_SERVED:
            return True
        if self.groups is not None:
            return group in self.groups
        outcomes = self._versions.get(group, [])
        if any(isinstance(read, Found) for read in outcomes):
            return True
        return False if any(isinstance(read, Absent) for read in outcomes) else None

    def refusal(self, group: str, resource: str) -> Refusal | None:
        """Return why the list of ``resource`` is not known, or None when it is."""
        if self.known(group, resource):
            return None
        full = f"{resource}.{group}" if group else resource
        for entry in self._entries.get((group, resource), ()):
            told = f"{full} ({_outcome(entry.read)})"
            if isinstance(entry.read, Forbidden):
                return Refusal(what=told, right=entry.read.right or f"list {full}")
            if isinstance(entry.read, Failed):
                return Refusal(what=told, right=f"list {full}, and a second try")
        return Refusal(what=f"{full} (not read)", right=f"list {full}")

    def broken_parts(self, group: str, resource: str) -> tuple[Refusal, ...]:
        """Return what of a known list is missing because a part of it was refused or failed."""
        full = f"{resource}.{group}" if group else resource
        return tuple(
            Refusal(what=f"part of {full} ({_outcome(entry.read)})", right=f"list {full}")
            for entry in self._entries.get((group, resource), ())
            if entry.name is None
            and entry.namespace is None
            and isinstance(entry.read, Forbidden | Failed)
            and self.known(group, resource)
        )

    def objects(self, group: str, resource: str) -> tuple[JsonObject, ...]:
        """Return every object of ``resource`` that was read, from whichever path, each once."""
        found: dict[tuple[str, str], JsonObject] = {}
        for entry in self._entries.get((group, resource), ()):
            if not isinstance(entry.read, Found):
                continue
            listed = (
                reading.objects(entry.read.body, "items")
                if entry.name is None
                else (entry.read.body,)
            )
            for item in listed:
                metadata = reading.mapping(item, "metadata")
                key = (
                    reading.text(metadata, "namespace") or entry.namespace or "",
                    reading.text(metadata, "name") or entry.name or f"#{len(found)}",
                )
                found.setdefault(key, item)
        return tuple(found.values())

    def complete(self, group: str, resource: str) -> bool:
        """Whether the list is known and was not cut off by a page limit."""
        if not self.known(group, resource):
            return False
        return not any(
            isinstance(entry.read, Found) and reading.text(entry.read.body, "metadata", "continue")
            for entry in self._entries.get((group, resource), ())
        )

    # The things themselves

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes that could be read."""
        return tuple(node_of(item) for item in self.objects("", "nodes"))

    @cached_property
    def node_by_name(self) -> Mapping[str, Node]:
        """The nodes by name."""
        return {node.name: node for node in self.nodes}

    @cached_property
    def network_reasons(self) -> Counter[str]:
        """Reasons of the condition NetworkUnavailable, with the number of nodes that tell them."""
        return Counter(node.network_reason or "" for node in self.nodes)

    @cached_property
    def node_annotation_keys(self) -> frozenset[str]:
        """Keys of all nodes' annotations, each once."""
        return frozenset(key for node in self.nodes for key in node.annotations)

    @cached_property
    def pods(self) -> tuple[Pod, ...]:
        """The pods that were read: agents and a sample of the others."""
        return tuple(pod for pod, _ in self._pod_items)

    @cached_property
    def _pod_items(self) -> tuple[tuple[Pod, JsonObject], ...]:
        return tuple((pod_of(item), item) for item in self.objects("", "pods"))

    @cached_property
    def daemon_sets(self) -> tuple[Workload, ...]:
        """DaemonSets; where they could not be read, rebuilt from their pods."""
        listed = tuple(self._workload("DaemonSet", i) for i in self.objects("apps", "daemonsets"))
        if self.known("apps", "daemonsets"):
            return listed
        return listed + self._from_pods(known={(w.namespace, w.name) for w in listed})

    @cached_property
    def _pod_images(self) -> Mapping[tuple[str, str], Mapping[str, tuple[Image, ...]]]:
        """Images that DaemonSets' pods run, by namespace and name of the DaemonSet."""
        found: dict[tuple[str, str], dict[str, tuple[Image, ...]]] = {}
        for pod, item in self._pod_items:
            if pod.owner_kind != "DaemonSet":
                continue
            images = found.setdefault((pod.namespace, pod.owner_name), {})
            for one in reading.objects(item, "spec", "containers"):
                name = reading.text(one, "name") or ""
                image = parse_image(reading.text(one, "image") or "")
                images[name] = (*images.get(name, ()), image)
        return found

    @cached_property
    def static_pods(self) -> tuple[Workload, ...]:
        """Pods that kubelets run from files, as RKE2 and GKE run kube-proxy; grouped by name."""
        return self._from_pods(known=set(), owner="Node")

    @cached_property
    def deployments(self) -> tuple[Workload, ...]:
        """Deployments that could be read."""
        return tuple(self._workload("Deployment", i) for i in self.objects("apps", "deployments"))

    @cached_property
    def config_maps(self) -> Mapping[tuple[str, str], Mapping[str, str]]:
        """Data of the ConfigMaps that were read, by namespace and name."""
        return {
            (
                reading.text(item, "metadata", "namespace") or "",
                reading.text(item, "metadata", "name") or "",
            ): reading.text_map(item, "data")
            for item in self.objects("", "configmaps")
        }

    def config_map(self, namespace: str, name: str) -> Mapping[str, str] | None:
        """Return the data of a ConfigMap; None when it was not read or is not there."""
        return self.config_maps.get((namespace, name))

    def config_map_refusal(self, namespace: str, name: str) -> Refusal | None:
        """Return why a ConfigMap is not known; None when it was read or is known to be absent."""
        if (namespace, name) in self.config_maps:
            return None
        covering = [
            entry
            for entry in self._entries.get(("", "configmaps"), ())
            if entry.namespace in (None, namespace) and entry.name in (None, name)
        ]
        if any(isinstance(entry.read, Found | Absent) for entry in covering):
            return None
        told = next((_outcome(entry.read) for entry in covering), "not read")
        return Refusal(
            what=f"ConfigMap {namespace}/{name} ({told})",
            right=f"get configmaps in namespace {namespace}",
        )

    @cached_property
    def groups(self) -> frozenset[str] | None:
        """API groups the cluster serves; None when discovery was not read."""
        body = self.inventory.body("/apis")
        if body is None:
            return None
        names = (reading.text(item, "name") for item in reading.objects(body, "groups"))
        return frozenset(name for name in names if name)

    @property
    def discovery_outcome(self) -> str:
        """How reading the API groups ended, for a person."""
        read = self.inventory.read("/apis")
        return "not read" if read is None else _outcome(read)

    @property
    def _listed_groups(self) -> frozenset[str]:
        return self.groups or frozenset()

    @cached_property
    def definition_groups(self) -> frozenset[str]:
        """Groups that have a CustomResourceDefinition, or are served at all."""
        definitions = self.objects("apiextensions.k8s.io", "customresourcedefinitions")
        names = (reading.text(item, "spec", "group") for item in definitions)
        served = (
            group
            for group, outcomes in self._versions.items()
            if any(isinstance(read, Found) for read in outcomes)
        )
        return frozenset(name for name in names if name) | frozenset(served) | self._listed_groups

    @cached_property
    def server_version(self) -> str:
        """The API server's gitVersion; "" when it was not read."""
        return reading.text(self.inventory.body("/version"), "gitVersion") or ""

    @cached_property
    def conf_files(self) -> Mapping[str, tuple[ConfFile, ...]]:
        """CNI configuration files by node, in the order the container runtime takes them."""
        by_node: dict[str, list[ConfFile]] = {}
        for key, read in self.inventory.reads.items():
            if not _is_conf_key(key) or not isinstance(read, Found):
                continue
            for node, files in reading.mapping(read.body).items():
                listed = by_node.setdefault(node, [])
                for name, content in reading.text_map(files).items():
                    if "/" not in name and name.endswith(_CONF_SUFFIXES):
                        listed.append(conf_file_of(name, content))
        return {
            node: tuple(sorted(files, key=lambda file: file.name))
            for node, files in by_node.items()
        }

    @cached_property
    def host_nodes(self) -> frozenset[str]:
        """Nodes whose CNI configuration folder was read, empty ones included."""
        bodies = (self.inventory.body(key) for key in self.inventory.reads if _is_conf_key(key))
        return frozenset(node for body in bodies for node in reading.mapping(body))

    # How they are built

    def _environment(self, namespace: str, container: JsonObject) -> dict[str, str | None]:
        resolved: dict[str, str | None] = {}
        for source in reading.objects(container, "envFrom"):
            name = reading.text(source, "configMapRef", "name")
            if name:
                resolved.update(self.config_map(namespace, name) or {})
        for item in reading.objects(container, "env"):
            name = reading.text(item, "name")
            if name is None:
                continue
            value = reading.at(item, "value")
            resolved[name] = value if isinstance(value, str) else None
            reference = reading.mapping(item, "valueFrom", "configMapKeyRef")
            data = self.config_map(namespace, reading.text(reference, "name") or "")
            if data is not None:
                resolved[name] = data.get(reading.text(reference, "key") or "", "")
        return resolved

    def _containers(self, namespace: str, spec: JsonObject, key: str) -> tuple[Container, ...]:
        return tuple(
            Container(
                name=reading.text(item, "name") or "",
                image=parse_image(reading.text(item, "image") or ""),
                words=reading.texts(item, "command") + reading.texts(item, "args"),
                environment=self._environment(namespace, item),
            )
            for item in reading.objects(spec, key)
        )

    def _workload(self, kind: str, item: JsonObject) -> Workload:
        metadata, status = reading.mapping(item, "metadata"), reading.mapping(item, "status")
        namespace = reading.text(metadata, "namespace") or ""
        template = reading.mapping(item, "spec", "template")
        if kind == "DaemonSet":
            desired = reading.integer(status, "desiredNumberScheduled")
            ready = reading.integer(status, "numberReady") or 0
        else:
            desired = reading.integer(item, "spec", "replicas")
            desired = 1 if desired is None else desired
            ready = reading.integer(status, "readyReplicas") or 0
        return self._from_template(
            kind=kind,
            namespace=namespace,
            metadata=metadata,
            template=template,
            counts=(desired, ready),
            updated=reading.integer(status, "updatedNumberScheduled"),
        )

    def _from_template(
        self,
        *,
        kind: str,
        namespace: str,
        metadata: JsonObject,
        template: JsonObject,
        counts: tuple[int | None, int],
        updated: int | None = None,
    ) -> Workload:
        spec = reading.mapping(template, "spec")
        volumes = reading.objects(spec, "volumes")
        owners = reading.objects(metadata, "ownerReferences")
        desired, ready = counts
        name = reading.text(metadata, "name") or ""
        return Workload(
            kind=kind,
            namespace=namespace,
            name=name,
            created=reading.timestamp(metadata, "creationTimestamp"),
            desired=desired,
            ready=max(0, ready),
            labels=reading.text_map(metadata, "labels"),
            annotations=reading.text_map(metadata, "annotations"),
            pod_labels=reading.text_map(template, "metadata", "labels"),
            owner_kinds=tuple(reading.text(owner, "kind") or "" for owner in owners),
            containers=self._containers(namespace, spec, "containers"),
            init_containers=self._containers(namespace, spec, "initContainers"),
            config_maps=present(reading.text(v, "configMap", "name") for v in volumes),
            updated=updated,
            pod_images=self._pod_images.get((namespace, name), {}) if kind == "DaemonSet" else {},
        )

    def _from_pods(
        self, *, known: set[tuple[str, str]], owner: str = "DaemonSet"
    ) -> tuple[Workload, ...]:
        """Rebuild workloads from the pods they own: what runs is told, what is wanted is not."""
        grouped: dict[tuple[str, str], list[tuple[Pod, JsonObject]]] = {}
        for pod, item in self._pod_items:
            # A static pod is called after its node: kube-proxy-node1.
            name = pod.name.removesuffix(f"-{pod.node}") if owner == "Node" else pod.owner_name
            if pod.owner_kind == owner and (pod.namespace, name) not in known:
                grouped.setdefault((pod.namespace, name), []).append((pod, item))
        rebuilt: list[Workload] = []
        for (namespace, name), items in sorted(grouped.items()):
            created = min((pod.created or "" for pod, _ in items), default="") or None
            rebuilt.append(
                self._from_template(
                    kind="static pods" if owner == "Node" else "pods of DaemonSet",
                    namespace=namespace,
                    metadata={"name": name, "creationTimestamp": created},
                    template=items[0][1],
                    counts=(None, sum(pod.ready for pod, _ in items)),
                )
            )
        return tuple(rebuilt)


def _outcome(read: Read) -> str:
    """Return how a read ended, for a person; never more of the answer than its status."""
    match read:
        case Forbidden(status=status):
            return f"HTTP {status}"
        case Failed(reason=reason):
            return f"read failed: {reason}"
        case Absent():
            return "absent"
        case Found():
            return "found"


def _is_conf_key(key: str) -> bool:
    return key.startswith(HOST_PREFIX) and "cni" in key
