"""etcd, the API server, its forwarder, the controller manager and the scheduler."""

import socket
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from tests.cluster import kubeconfig, namespaces, processes
from tests.cluster.binaries import ETCD, HYPERKUBE, build
from tests.cluster.certificates import authority, certificate
from tests.cluster.errors import ClusterError
from tests.cluster.state import CONTROL_PLANE_ADDRESS, POD_CIDR, SERVICE_CIDR, Cluster

FORWARDER = "forwarder"
PREFERRED_PORT = 6443
# A node that stops answering is NotReady after this; upstream's 50 s would slow the tests down.
_NODE_GRACE_SECONDS = 20
_ETCD = "http://127.0.0.1:2379"


def listen(port: int) -> socket.socket:
    """A socket that listens here for the API server; port 0 takes a free one."""
    listening = socket.socket()
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        listening.listen(512)
    except OSError:
        listening.close()
        raise
    return listening


def listen_where_free() -> socket.socket:
    """On the usual port, or on a free one if that is taken."""
    try:
        return listen(PREFERRED_PORT)
    except OSError:
        return listen(0)


def start_forwarder(cluster: Cluster, listening: socket.socket | None = None) -> None:
    """Make the API server reachable on 127.0.0.1."""
    try:
        sock = listening or listen(cluster.port)
    except OSError as error:
        raise ClusterError(f"port {cluster.port} is taken: {error}") from None
    with closing(sock):
        program = [sys.executable, str(Path(__file__).with_name("forwarder.py"))]
        argv = [*program, str(sock.fileno()), "127.0.0.1", "6443"]
        _start(cluster, FORWARDER, argv, keep=(sock.fileno(),))


def start_api_server(cluster: Cluster) -> None:
    """etcd and the API server; they need a few seconds to be ready."""
    etcd = {
        "data-dir": cluster.directory / "etcd",
        "listen-client-urls": _ETCD,
        "advertise-client-urls": _ETCD,
        "listen-peer-urls": "http://127.0.0.1:2380",
    }
    # What survives a power cut is of no interest here, waiting for the disk is.
    _start(cluster, "etcd", [str(build(ETCD)), *_flags(etcd), "--unsafe-no-fsync"])
    own = certificate(cluster, "apiserver")
    to_kubelet = certificate(cluster, "kubelet-client")
    front_proxy = certificate(cluster, "front-proxy")
    service_accounts = own.key.with_name("service-accounts")
    api_server = {
        "etcd-servers": _ETCD,
        "service-cluster-ip-range": SERVICE_CIDR,
        "secure-port": 6443,
        "bind-address": "0.0.0.0",
        "advertise-address": CONTROL_PLANE_ADDRESS,
        "tls-cert-file": own.certificate,
        "tls-private-key-file": own.key,
        "client-ca-file": authority(cluster),
        "service-account-key-file": service_accounts.with_suffix(".pub"),
        "service-account-signing-key-file": service_accounts.with_suffix(".key"),
        "service-account-issuer": "https://kubernetes.default.svc",
        "kubelet-client-certificate": to_kubelet.certificate,
        "kubelet-client-key": to_kubelet.key,
        "kubelet-preferred-address-types": "InternalIP",
        "authorization-mode": "Node,RBAC",
        "enable-admission-plugins": "NodeRestriction",
        "allow-privileged": "true",
        "requestheader-client-ca-file": authority(cluster),
        "requestheader-allowed-names": "front-proxy",
        "requestheader-username-headers": "X-Remote-User",
        "requestheader-group-headers": "X-Remote-Group",
        "requestheader-extra-headers-prefix": "X-Remote-Extra-",
        "proxy-client-cert-file": front_proxy.certificate,
        "proxy-client-key-file": front_proxy.key,
        "enable-aggregator-routing": "true",
    }
    _start_kubernetes(cluster, "kube-apiserver", api_server)


def start_controllers(cluster: Cluster) -> None:
    """The controller manager and the scheduler; the API server must be ready."""
    pki = authority(cluster).parent
    controller_manager = _kubeconfigs(cluster, "controller-manager") | {
        "service-account-private-key-file": pki / "service-accounts.key",
        "root-ca-file": authority(cluster),
        "cluster-signing-cert-file": authority(cluster),
        "cluster-signing-key-file": pki / "ca.key",
        "use-service-account-credentials": "true",
        "allocate-node-cidrs": "true",
        "cluster-cidr": POD_CIDR,
        "service-cluster-ip-range": SERVICE_CIDR,
        "node-monitor-grace-period": f"{_NODE_GRACE_SECONDS}s",
        "leader-elect": "false",
    }
    _start_kubernetes(cluster, "kube-controller-manager", controller_manager)
    scheduler = _kubeconfigs(cluster, "scheduler") | {"leader-elect": "false"}
    _start_kubernetes(cluster, "kube-scheduler", scheduler)


def _kubeconfigs(cluster: Cluster, user: str) -> dict[str, object]:
    file = kubeconfig.path(cluster, user)
    names = ("kubeconfig", "authentication-kubeconfig", "authorization-kubeconfig")
    return dict.fromkeys(names, file)


def _start_kubernetes(cluster: Cluster, component: str, flags: Mapping[str, object]) -> None:
    _start(cluster, component, [str(build(HYPERKUBE)), component, *_flags(flags)])


def _start(cluster: Cluster, name: str, argv: list[str], keep: tuple[int, ...] = ()) -> None:
    inside = namespaces.entering(cluster, namespaces.CONTROL_PLANE, argv)
    processes.start(cluster, name, inside, keep)


def _flags(values: Mapping[str, object]) -> list[str]:
    return [f"--{name}={value}" for name, value in values.items()]
