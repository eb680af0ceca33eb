"""Bringing a cluster up and taking it down."""

import shutil
import time
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

from tests.cluster import (
    binaries,
    cache,
    certificates,
    cgroups,
    control_plane,
    kubeconfig,
    metrics_server,
    namespaces,
    network,
    node,
    processes,
    state,
)
from tests.cluster.api import admin_api
from tests.cluster.cilium import CILIUM_NATIVE, CILIUM_VXLAN
from tests.cluster.cni import NONE, Cni
from tests.cluster.errors import ClusterError
from tests.cluster.flannel import FLANNEL_HOST_GW, FLANNEL_VXLAN
from tests.cluster.images import archive, pause_image
from tests.cluster.locks import exclusive
from tests.cluster.prerequisites import install_missing_packages, require_go, require_root
from tests.cluster.state import DEFAULT_NAME, Cluster
from tests.cluster.waiting import until

# The first of a name is the one that is meant when no mode is given.
CNIS = (FLANNEL_VXLAN, FLANNEL_HOST_GW, CILIUM_VXLAN, CILIUM_NATIVE, NONE)
_API_SECONDS = 90
_READY_SECONDS = 180


def cni_of(name: str, mode: str | None = None) -> Cni:
    """The CNI of this name in this mode, or in its usual one."""
    named = [cni for cni in CNIS if cni.name == name]
    if not named:
        known = ", ".join(dict.fromkeys(cni.name for cni in CNIS))
        raise ClusterError(f"no CNI {name}, known: {known}")
    for cni in named:
        if mode in (None, cni.mode):
            return cni
    raise ClusterError(f"{name} has no mode {mode}, known: {', '.join(c.mode for c in named)}")


def build(cnis: Iterable[Cni]) -> list[Path]:
    """Build what clusters with these CNIs run, as far as the cache lacks it; image archives."""
    install_missing_packages()
    require_go()
    binaries.build(binaries.ETCD)
    binaries.build(binaries.HYPERKUBE)
    built = [archive("pause", [pause_image()]), metrics_server.build_archive()]
    for cni in cnis:
        built += cni.archives()
    cache.prune()
    return list(dict.fromkeys(built))


def up(cni_name: str, nodes: int = 2, name: str = DEFAULT_NAME, mode: str | None = None) -> Cluster:
    """Bring a cluster up, or return the one of this name that is up already."""
    require_root()
    cni = cni_of(cni_name, mode)
    archives = build([cni])
    with exclusive(state.lock_file(name)):
        existing = state.load(name)
        if existing and is_up(existing):
            if (existing.cni, existing.mode, len(existing.nodes)) == (cni.name, cni.mode, nodes):
                return existing
            raise ClusterError(
                f"{name} is up with {len(existing.nodes)} nodes and {existing.network}: "
                "take it down first or give another name"
            )
        _remove(name)  # what a killed `up` left
        return _create(name, cni, nodes, archives)


def is_up(cluster: Cluster) -> bool:
    """Whether the cluster came up whole and its API server is reachable now."""
    return cluster.ready and admin_api(cluster).answers("/readyz")


def down(name: str = DEFAULT_NAME) -> None:
    """Remove a cluster and everything it made, also one that is half made."""
    require_root()
    with exclusive(state.lock_file(name)):
        _remove(name)


def _create(name: str, cni: Cni, nodes: int, archives: list[Path]) -> Cluster:
    if cgroups.exists(name):
        raise ClusterError(f"there are cgroups named {name} that this tool did not make")
    with closing(control_plane.listen_where_free()) as listening:
        port = listening.getsockname()[1]
        cluster = Cluster(name, port, cni.name, state.node_names(nodes), cni.mode)
        state.save(cluster)
        cgroups.create(name, cluster.nodes)
        namespaces.create_control_plane(cluster)
        network.create_bridge(cluster)
        with _step("certificates"):
            certificates.create_all(cluster)
            kubeconfig.write_all(cluster)
        control_plane.start_forwarder(cluster, listening)
    control_plane.start_api_server(cluster)
    api = admin_api(cluster)
    with ThreadPoolExecutor(nodes) as pool:
        runtimes = [pool.submit(node.start_runtime, cluster, n, archives) for n in cluster.nodes]
        with _step("API server"):
            _await(cluster, lambda: api.answers("/readyz"), _API_SECONDS, "the API server is ready")
        control_plane.start_controllers(cluster)
        with _step("container runtimes and images"):
            for runtime in runtimes:
                runtime.result()
    for name_of_node in cluster.nodes:
        cni.prepare_node(cluster, name_of_node)
        node.start_kubelet(cluster, name_of_node)
        if cni.kube_proxy:
            node.start_kube_proxy(cluster, name_of_node)
    for item in cni.objects() + metrics_server.objects():
        api.apply(item)
    with _step(f"nodes with {cni.name}"):
        what = f"{nodes} nodes have {cni.name}"
        _await(cluster, lambda: cni.ready(api, nodes), _READY_SECONDS, what)
    return state.mark_ready(cluster)


def _await(cluster: Cluster, condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait, but not for what a process that ended can't bring about."""

    def holds() -> bool:
        for process in processes.all_of(cluster):
            if not process.running:
                raise ClusterError(f"{process.name} ended, see {cluster.log(process.name)}")
        return condition()

    until(holds, seconds, f"{what} (logs: {cluster.log('*').parent})")


def _remove(name: str) -> None:
    # Without a state file nothing was made yet: cgroups of this name would be somebody else's.
    if state.load(name):
        cgroups.destroy(name)
    if state.run_directory(name).exists():
        shutil.rmtree(state.run_directory(name))


@contextmanager
def _step(what: str) -> Generator[None]:
    began = time.monotonic()
    yield
    print(f"{what}: {time.monotonic() - began:.1f} s", flush=True)
