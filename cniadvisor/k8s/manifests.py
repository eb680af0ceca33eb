"""The objects a run creates, as JSON: pure, so that a dry run shows exactly what a run makes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cniadvisor.bench.endpoints import Service, services_for
from cniadvisor.domain.inventory import JsonObject, JsonValue
from cniadvisor.domain.measurement import PathName, Role
from cniadvisor.domain.plan import NodeFacts, NodePair, Plan
from cniadvisor.k8s.naming import (
    PATH_LABEL,
    ROLE_LABEL,
    job_name,
    labels_of,
    namespace_name,
    owned_by,
    secret_name,
)
from cniadvisor.k8s.objects import objects, text

__all__ = [
    "CLIENT_CONTAINER",
    "POD_PORTS",
    "PORTS_CONTAINER",
    "SAMPLER_CONTAINER",
    "SHELL_CONTAINER",
    "PodSettings",
    "containers_of",
    "credentials",
    "jobs",
    "run_namespace",
    "tolerations",
]

CLIENT_CONTAINER = "client"
SHELL_CONTAINER = "shell"
SAMPLER_CONTAINER = "sampler"
PORTS_CONTAINER = "ports"

KEPT_AFTER_THE_END_S = 300
"""How long an ended Job stays, for somebody who wants to read its logs after a crash."""

UID = 10001
"""The image's user and group; its files are readable by it."""

SCRATCH = "/scratch"
DATA = "/data"
CREDENTIALS = "/credentials"

POD_PORTS: Mapping[Service, int] = {
    Service.IPERF3: 5201,
    Service.NGINX: 8080,
    Service.VSFTPD: 2121,  # and the 20 after it
    Service.SSHD: 2222,
    Service.SOCKPERF_TCP: 11111,
    Service.SOCKPERF_UDP: 11112,
}
"""Ports on the pod network, where nobody else listens. On a node they are chosen per run."""

_OBJECTS_OF = frozenset({Service.NGINX, Service.VSFTPD})
"""Servers of the files that ``cniadvisor-data`` makes."""
_READERS_OF_DATA = _OBJECTS_OF | {Service.SSHD}

_NOT_OURS_TO_TOLERATE = "node.kubernetes.io/"
"""Taints the cluster itself sets: not ready, unreachable, cordoned, out of memory or disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PodSettings:
    """Where the pods go and what they run.

    ``tolerations`` by node name; see :func:`tolerations`.
    """

    namespace: str
    image: str
    image_pull_secret: str | None
    pair: NodePair
    tolerations: Mapping[str, tuple[JsonObject, ...]] = field(
        default_factory=dict[str, tuple[JsonObject, ...]]
    )


def run_namespace(run_id: str, paths: tuple[PathName, ...]) -> JsonObject:
    """Return the namespace a run makes for itself.

    Host-network pods need the pod-security level ``privileged``: ``baseline`` already refuses
    host namespaces, and there is no level between (kubernetes.io, Pod Security Standards). The
    pods ask for nothing else beyond ``restricted``. Without a host path no level is set and the
    cluster's own default holds.
    """
    labels = labels_of(run_id) | {"istio-injection": "disabled"}
    if PathName.HOST in paths:
        labels["pod-security.kubernetes.io/enforce"] = "privileged"
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": namespace_name(run_id),
            "labels": labels,
            "annotations": {"linkerd.io/inject": "disabled"},
        },
    }


def tolerations(node: JsonObject) -> tuple[JsonObject, ...]:
    """Return what a pod needs to be let onto ``node``: one toleration for each taint in its way.

    A control-plane node or one the user named may be tainted, and choosing it meant to go there.
    What the cluster says by taint about a node's state is never tolerated: a node that is not
    ready, cordoned or under pressure is no place to measure.
    """
    return tuple(
        {
            "key": text(taint, "key"),
            "operator": "Equal",
            "value": text(taint, "value"),
            "effect": text(taint, "effect"),
        }
        for taint in objects(node, "spec", "taints")
        if text(taint, "effect") in ("NoSchedule", "NoExecute")
        and not text(taint, "key").startswith(_NOT_OURS_TO_TOLERATE)
    )


def jobs(plan: Plan, settings: PodSettings) -> Mapping[tuple[Role, PathName], JsonObject]:
    """Return the Job of each end of each path of ``plan``."""
    return {(role, path): _job(plan, settings, role, path) for path in plan.paths for role in Role}


def credentials(
    run_id: str,
    namespace: str,
    path: PathName,
    *,
    password: str,
    owners: tuple[JsonObject, ...] = (),
) -> JsonObject:
    """Return the Secret with the FTP password of one path; ``owners`` are its Jobs as created.

    Its Jobs own it, so that it ends with them even if nobody removes it.
    """
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": secret_name(run_id, path),
            "namespace": namespace,
            "labels": labels_of(run_id) | {PATH_LABEL: path},
            **owned_by(owners),
        },
        "type": "Opaque",
        "immutable": True,
        "stringData": {"ftp-password": password},
    }


def containers_of(role: Role) -> frozenset[str]:
    """Return the names of all containers a pod of this role may be asked to have."""
    if role is Role.CLIENT:
        return frozenset({CLIENT_CONTAINER, SAMPLER_CONTAINER})
    return frozenset({SHELL_CONTAINER, SAMPLER_CONTAINER, PORTS_CONTAINER, *Service})


def _job(plan: Plan, settings: PodSettings, role: Role, path: PathName) -> JsonObject:
    labels = labels_of(plan.run_id)
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": job_name(plan.run_id, role, path),
            "namespace": settings.namespace,
            "labels": labels | {ROLE_LABEL: role, PATH_LABEL: path},
        },
        "spec": {
            "backoffLimit": 0,
            "activeDeadlineSeconds": math.ceil(plan.longest_s),
            "ttlSecondsAfterFinished": KEPT_AFTER_THE_END_S,
            "template": {
                "metadata": {
                    "labels": labels | {ROLE_LABEL: role, PATH_LABEL: path} | _NO_MESH_LABELS,
                    "annotations": dict(_POD_ANNOTATIONS),
                },
                "spec": _pod_spec(plan, settings, role, path),
            },
        },
    }


# A proxy beside or below the pod would be measured instead of the CNI (istio sidecar and ambient,
# Kuma; the annotations are for Istio, Linkerd and Consul).
_NO_MESH_LABELS: JsonObject = {
    "sidecar.istio.io/inject": "false",
    "istio.io/dataplane-mode": "none",
    "kuma.io/sidecar-injection": "disabled",
}
_POD_ANNOTATIONS: JsonObject = {
    "sidecar.istio.io/inject": "false",
    "linkerd.io/inject": "disabled",
    "consul.hashicorp.com/connect-inject": "false",
    # An autoscaler that moves the pods in the middle of a run would end it.
    "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
    "karpenter.sh/do-not-disrupt": "true",
}


def _pod_spec(plan: Plan, settings: PodSettings, role: Role, path: PathName) -> JsonObject:
    client = role is Role.CLIENT
    services = services_for(plan.suite.tests, probes_policy=plan.probes_policy)
    node = settings.pair.client if client else settings.pair.server
    peer = settings.pair.server if client else settings.pair.client
    volumes: list[JsonValue] = [_in_memory("scratch", "64Mi")]
    if Service.VSFTPD in services:
        volumes.append(_secret(secret_name(plan.run_id, path)))
    sampler = _container(
        settings,
        SAMPLER_CONTAINER,
        ["cniadvisor-sampler", peer.internal_ip or ""],
        cpu="50m",
        memory="16Mi",
    )
    spec: JsonObject = {
        "restartPolicy": "Never",
        # The kubelet's own deadline: it holds where the Job's controller is away.
        "activeDeadlineSeconds": math.ceil(plan.longest_s),
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 1,
        # No name is needed. But what tools ask for at their start, as curl does for its own host's,
        # shall fail at once: a name server out of reach would hold them up for seconds.
        "dnsPolicy": "None",
        "dnsConfig": {
            "nameservers": ["127.0.0.1"],
            "options": [{"name": "attempts", "value": "1"}],
        },
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": UID,
            "runAsGroup": UID,
            # Volumes are given to this group; a Secret can't be read otherwise.
            "fsGroup": UID,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "affinity": _only_on(node.name),
    }
    if client:
        mounts = [_CREDENTIALS_MOUNT] if Service.VSFTPD in services else []
        spec["containers"] = [_idle(settings, CLIENT_CONTAINER, mounts, cpu="100m"), sampler]
    else:
        has_data = not _READERS_OF_DATA.isdisjoint(services)
        mounts = [_mount("data", DATA)] if has_data else []
        if has_data:
            volumes.append(_in_memory("data", "16Mi"))
        spec["initContainers"] = [_ports(settings, services, path, mounts)]
        servers = [_server(settings, service, _listen_address(path, node)) for service in services]
        spec["containers"] = [
            _idle(settings, SHELL_CONTAINER, mounts, cpu="10m"),
            sampler,
            *servers,
        ]
    spec["volumes"] = volumes
    if path is PathName.HOST:
        spec["hostNetwork"] = True
    if needed := settings.tolerations.get(node.name):
        spec["tolerations"] = [*needed]
    if settings.image_pull_secret is not None:
        spec["imagePullSecrets"] = [{"name": settings.image_pull_secret}]
    return spec


def _in_memory(name: str, size: str) -> JsonObject:
    return {"name": name, "emptyDir": {"medium": "Memory", "sizeLimit": size}}


def _secret(name: str) -> JsonObject:
    return {"name": "credentials", "secret": {"secretName": name, "defaultMode": 0o440}}


def _mount(volume: str, path: str, *, read_only: bool = False) -> JsonObject:
    mount: JsonObject = {"name": volume, "mountPath": path}
    return mount | {"readOnly": True} if read_only else mount


_CREDENTIALS_MOUNT = _mount("credentials", CREDENTIALS, read_only=True)


def _listen_address(path: PathName, node: NodeFacts) -> JsonObject:
    """Return the variable with the one address servers bind: they never listen on all."""
    if path is PathName.HOST:
        return {"name": "LISTEN_ADDRESS", "value": node.internal_ip or ""}
    own: JsonObject = {"fieldRef": {"fieldPath": "status.podIP"}}
    return {"name": "LISTEN_ADDRESS", "valueFrom": own}


def _only_on(node: str) -> JsonObject:
    # By metadata.name: the hostname label may differ from it or be shared by two nodes. With
    # spec.nodeName instead the scheduler would be skipped, and with it its reasons for a refusal.
    name: JsonObject = {"key": "metadata.name", "operator": "In", "values": [node]}
    return {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [{"matchFields": [name]}]
            }
        }
    }


def _idle(
    settings: PodSettings, name: str, mounts: Sequence[JsonObject], *, cpu: str = "10m"
) -> JsonObject:
    """Return the container that commands are run in."""
    return _container(settings, name, ["cniadvisor-idle"], mounts, cpu=cpu)


def _server(settings: PodSettings, service: Service, listen_address: JsonObject) -> JsonObject:
    mounts: list[JsonObject] = []
    if service in _READERS_OF_DATA:
        mounts.append(_mount("data", DATA, read_only=True))
    if service is Service.VSFTPD:
        mounts.append(_CREDENTIALS_MOUNT)
    container = _container(settings, service, ["cniadvisor-serve", service], mounts, cpu="50m")
    environment = container["env"]
    assert isinstance(environment, list)
    container["env"] = [*environment, listen_address]
    # A startup probe makes the pod Ready as a readiness probe would, but ends there: a readiness
    # probe would start a process each second on the node that is being measured. It looks at the
    # list of sockets, for a connection would be taken by the server as its one client.
    container["startupProbe"] = {
        "exec": {"command": ["cniadvisor-serving", service]},
        "periodSeconds": 1,
        "timeoutSeconds": 10,
        "failureThreshold": 60,
    }
    return container


def _ports(
    settings: PodSettings,
    services: tuple[Service, ...],
    path: PathName,
    mounts: Sequence[JsonObject],
) -> JsonObject:
    wanted: list[JsonValue] = [
        service if path is PathName.HOST else f"{service}={POD_PORTS[service]}"
        for service in services
    ]
    command: list[JsonValue] = ["cniadvisor-ports"]
    if not _OBJECTS_OF.isdisjoint(services):
        # In one container: each one more delays every run by a second.
        command = ["sh", "-c", 'cniadvisor-data && exec cniadvisor-ports "$@"', "sh"]
    return _container(settings, PORTS_CONTAINER, [*command, *wanted], mounts)


def _container(
    settings: PodSettings,
    name: str,
    command: list[JsonValue],
    mounts: Sequence[JsonObject] = (),
    *,
    cpu: str = "10m",
    memory: str = "32Mi",
) -> JsonObject:
    return {
        "name": name,
        "image": settings.image,
        "imagePullPolicy": "IfNotPresent",
        "command": command,
        "env": [{"name": "TMPDIR", "value": SCRATCH}, {"name": "HOME", "value": SCRATCH}],
        # No limits: a CPU limit would be what is measured, and a memory limit counts the socket
        # buffers too.
        "resources": {"requests": {"cpu": cpu, "memory": memory}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [_mount("scratch", SCRATCH), *mounts],
    }
