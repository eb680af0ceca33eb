"""Nodes, workloads, pods and configuration files, as far as detection looks at them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cniadvisor.detect import reading
from cniadvisor.detect.images import Image
from cniadvisor.domain.inventory import JsonObject

_UNINITIALISED = ("cni plugin not initialized", "cni config uninitialized", "networkpluginnotready")


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node as the API tells it. ``network_*`` is the condition NetworkUnavailable."""

    name: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    pod_cidrs: tuple[str, ...]
    ready: bool
    ready_message: str
    network_status: str | None
    network_reason: str | None
    network_heartbeat: str | None
    heartbeat: str
    kubelet_version: str
    kernel_version: str
    os_image: str
    operating_system: str
    provider_id: str

    @property
    def windows(self) -> bool:
        """Whether it is a Windows node."""
        return self.operating_system == "windows"

    @property
    def without_cni(self) -> bool:
        """Whether it is not Ready and its container runtime says that no CNI is set up."""
        told = self.ready_message.lower()
        return not self.ready and any(word in told for word in _UNINITIALISED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A container of a pod template.

    ``environment`` holds what could be resolved, ConfigMap references included; a variable that is
    set from something unreadable has None.
    """

    name: str
    image: Image
    words: tuple[str, ...]
    environment: Mapping[str, str | None]

    def option(self, *names: str) -> str | None:
        """Return the value of ``--name=value`` or ``--name value``; "" if the flag has none."""
        for index, word in enumerate(self.words):
            flag, equals, value = word.partition("=")
            if flag.lstrip("-") not in names or not flag.startswith("-"):
                continue
            if equals:
                return value.strip("\"'")
            following = self.words[index + 1 : index + 2]
            return following[0] if following and not following[0].startswith("-") else ""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A DaemonSet or Deployment, or the pods of one whose object could not be read.

    ``desired`` is None for the latter: how many there should be is not known. ``updated`` counts
    the agents of the current template (None when not told); ``pod_images`` are those that its pods
    really run, by container, as far as its pods were read.
    """

    kind: str
    namespace: str
    name: str
    created: str | None
    desired: int | None
    ready: int
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    pod_labels: Mapping[str, str]
    owner_kinds: tuple[str, ...]
    containers: tuple[Container, ...]
    init_containers: tuple[Container, ...]
    config_maps: tuple[str, ...]
    updated: int | None = None
    pod_images: Mapping[str, tuple[Image, ...]] = field(
        default_factory=dict[str, tuple[Image, ...]]
    )

    @property
    def running(self) -> bool:
        """Wanted on some node and ready on some node: the only form that counts as being there."""
        return self.desired != 0 and self.ready > 0

    @property
    def switched_off(self) -> bool:
        """There, but wanted on no node."""
        return self.desired == 0

    def container(self, *names: str) -> Container | None:
        """Return the container with one of these names."""
        return next((item for item in self.containers if item.name in names), None)

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """A pod. ``sandbox_ready`` is False while its network is not set up; None when not told."""

    namespace: str
    name: str
    node: str
    host_network: bool
    annotations: Mapping[str, str]
    ips: tuple[str, ...]
    phase: str
    created: str | None
    ready: bool
    sandbox_ready: bool | None
    waiting: tuple[str, ...]
    owner_kind: str
    owner_name: str

    @property
    def wired(self) -> bool:
        """An ordinary pod that a CNI has given an address."""
        return not self.host_network and self.phase == "Running" and bool(self.ips)

    @property
    def full_name(self) -> str:
        """Namespace and name."""
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfFile:
    """A CNI configuration file of a node: its name and the types of its plugins."""

    name: str
    types: tuple[str, ...]

    @property
    def type(self) -> str:
        """Type of the first plugin, the one that makes the interface; "" if it can't be read."""
        return self.types[0] if self.types else ""


def node_of(item: JsonObject) -> Node:
    """Read a node."""
    info = reading.mapping(item, "status", "nodeInfo")
    network, ready = _condition(item, "NetworkUnavailable"), _condition(item, "Ready")
    single = reading.text(item, "spec", "podCIDR")
    labels = reading.text_map(item, "metadata", "labels")
    return Node(
        name=reading.text(item, "metadata", "name") or "",
        labels=labels,
        annotations=reading.text_map(item, "metadata", "annotations"),
        pod_cidrs=reading.texts(item, "spec", "podCIDRs") or ((single,) if single else ()),
        ready=reading.text(ready, "status") == "True",
        ready_message=reading.text(ready, "message") or "",
        network_status=reading.text(network, "status"),
        network_reason=reading.text(network, "reason"),
        network_heartbeat=reading.timestamp(network, "lastHeartbeatTime")
        or reading.timestamp(network, "lastTransitionTime"),
        heartbeat=max(
            (
                reading.timestamp(condition, "lastHeartbeatTime") or ""
                for condition in reading.objects(item, "status", "conditions")
            ),
            default="",
        ),
        kubelet_version=reading.text(info, "kubeletVersion") or "",
        kernel_version=reading.text(info, "kernelVersion") or "",
        os_image=reading.text(info, "osImage") or "",
        operating_system=(
            reading.text(info, "operatingSystem") or labels.get("kubernetes.io/os") or ""
        ).lower(),
        provider_id=reading.text(item, "spec", "providerID") or "",
    )


def pod_of(item: JsonObject) -> Pod:
    """Read a pod."""
    spec, status = reading.mapping(item, "spec"), reading.mapping(item, "status")
    listed = (reading.text(address, "ip") for address in reading.objects(status, "podIPs"))
    ips = present(listed) or present([reading.text(status, "podIP")])
    owners = reading.objects(item, "metadata", "ownerReferences")
    owner: JsonObject = owners[0] if owners else {}
    sandbox = reading.text(_condition(item, "PodReadyToStartContainers"), "status")
    return Pod(
        namespace=reading.text(item, "metadata", "namespace") or "",
        name=reading.text(item, "metadata", "name") or "",
        node=reading.text(spec, "nodeName") or "",
        host_network=reading.truth(spec, "hostNetwork") or False,
        annotations=reading.text_map(item, "metadata", "annotations"),
        ips=ips,
        phase=reading.text(status, "phase") or "",
        created=reading.timestamp(item, "metadata", "creationTimestamp"),
        ready=reading.text(_condition(item, "Ready"), "status") == "True",
        sandbox_ready=None if sandbox is None else sandbox == "True",
        waiting=present(
            reading.text(container, "state", "waiting", "reason")
            for container in reading.objects(status, "containerStatuses")
        ),
        owner_kind=reading.text(owner, "kind") or "",
        owner_name=reading.text(owner, "name") or "",
    )


def conf_file_of(name: str, content: str) -> ConfFile:
    """Read a CNI configuration; one that can't be parsed has no plugins."""
    body = reading.mapping(reading.parsed(content))
    plugins = reading.objects(body, "plugins") or (body,)
    return ConfFile(
        name=name,
        types=present(reading.text(plugin, "type") for plugin in plugins),
    )


def present(values: Iterable[str | None]) -> tuple[str, ...]:
    """Return the values that are not empty."""
    return tuple(value for value in values if value)


def _condition(item: JsonObject, kind: str) -> JsonObject:
    for condition in reading.objects(item, "status", "conditions"):
        if reading.text(condition, "type") == kind:
            return condition
    return {}
