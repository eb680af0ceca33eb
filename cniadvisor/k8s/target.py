"""A Kubernetes cluster as the place of a run: four Jobs on two nodes."""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial

from cniadvisor.bench.endpoints import CleanupListener, Endpoints, Service, services_for
from cniadvisor.domain.errors import (
    BenchmarkError,
    ClusterError,
    DeadlineError,
)
from cniadvisor.domain.inventory import JsonObject, JsonValue
from cniadvisor.domain.measurement import PathName, Role, TestName
from cniadvisor.domain.plan import NodePair, Plan, PlannedObject, TargetFacts
from cniadvisor.domain.text import printable
from cniadvisor.k8s.connection import Connection
from cniadvisor.k8s.creation import Creation
from cniadvisor.k8s.endpoint import PodEndpoint
from cniadvisor.k8s.exec import Container
from cniadvisor.k8s.imposed import imposed_on
from cniadvisor.k8s.logs import read_tail
from cniadvisor.k8s.manifests import (
    CLIENT_CONTAINER,
    POD_PORTS,
    PORTS_CONTAINER,
    SHELL_CONTAINER,
    PodSettings,
    credentials,
    jobs,
    run_namespace,
    tolerations,
)
from cniadvisor.k8s.naming import job_name, namespace_name, secret_name, selector
from cniadvisor.k8s.nodes import node_trouble
from cniadvisor.k8s.objects import mapping, objects, text
from cniadvisor.k8s.opening import (
    Awaited,
    End,
    ready_pods,
)
from cniadvisor.k8s.pod_security import why_no_host_pods
from cniadvisor.k8s.pod_state import loss_of
from cniadvisor.k8s.policies import NetworkPolicies, network_policy, policy_name
from cniadvisor.k8s.removal import Limits, remove_run
from cniadvisor.k8s.retrying import AWAY_S, persistently
from cniadvisor.probe.policies import ALLOWED, Rule

__all__ = ["KubernetesTarget"]

OPENING_S = 180.0
"""Within which all pods must be ready; most of it is for pulling the image."""

_PLACEHOLDER = "(random, made when the run begins)"


class KubernetesTarget:
    """Opens a run's endpoints as pods; see :class:`~cniadvisor.bench.endpoints.Target`.

    Args:
        connection: to the API server.
        run_id: names and labels everything.
        paths: the paths the run will ask for.
        tests: the tests it will ask for; they decide which servers run.
        pair: the two nodes.
        image: reference of the image the pods run.
        image_pull_secret: name of a Secret in the namespace; None for none.
        namespace: one that exists; None makes one for the run and removes it at the end.
        probes_policy: whether the probe's servers run too, whatever the tests are.
        server_version: as the API server told.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        run_id: str,
        paths: tuple[PathName, ...],
        tests: tuple[TestName, ...],
        pair: NodePair,
        image: str,
        image_pull_secret: str | None = None,
        namespace: str | None = None,
        probes_policy: bool = False,
        server_version: str = "",
        opening_s: float = OPENING_S,
        removal_limits: Limits | None = None,
    ) -> None:
        self._connection = connection
        self._run_id = run_id
        self._paths = paths
        self._services = services_for(tests, probes_policy=probes_policy)
        self._probes_policy = probes_policy
        self._pair = pair
        self._image = image
        self._image_pull_secret = image_pull_secret
        self._creates_namespace = namespace is None
        self._namespace = namespace_name(run_id) if namespace is None else namespace
        self._server_version = server_version
        self._opening_s = opening_s
        self._limits = removal_limits
        self._closed = asyncio.Event()
        self._creation = Creation(connection, run_id=run_id, namespace=self._namespace)
        self._pods: Mapping[End, str] = {}
        self._jobs: Mapping[End, JsonObject] = {}
        self._awaited = Awaited(
            namespace=self._namespace,
            run_id=run_id,
            jobs={(role, path): job_name(run_id, role, path) for path in paths for role in Role},
            nodes={Role.CLIENT: pair.client.name, Role.SERVER: pair.server.name},
            image=image,
        )

    def facts(self) -> TargetFacts:
        """Say where this is and what it would create; see the protocol."""
        creates = [
            PlannedObject(
                kind="Job",
                name=f"{self._namespace}/{name}",
                purpose=f"the {role} pod on the {path} path, on node {self._awaited.nodes[role]}",
            )
            for (role, path), name in self._awaited.jobs.items()
        ]
        creates += [
            PlannedObject(
                kind="Secret",
                name=f"{self._namespace}/{secret_name(self._run_id, path)}",
                purpose=f"the random FTP password of the {path} path",
            )
            for path in self._paths_with_password
        ]
        if self._probes_policy:
            creates += [
                PlannedObject(
                    kind="NetworkPolicy",
                    name=f"{self._namespace}/{policy_name(self._run_id, rule)}",
                    purpose="for the probe; selects one pod of the run, for some seconds",
                )
                for rule in Rule
            ]
        if self._creates_namespace:
            creates.insert(
                0,
                PlannedObject(
                    kind="Namespace", name=self._namespace, purpose="holds the run; removed after"
                ),
            )
        return TargetFacts(
            kind="kubernetes",
            context=self._connection.context,
            server=self._connection.cluster_host,
            server_version=self._server_version,
            namespace=self._namespace,
            creates_namespace=self._creates_namespace,
            creates=tuple(creates),
            image=self._image,
            pair=self._pair,
        )

    async def manifests(self, plan: Plan) -> JsonObject:
        """Return everything the run would create, as one List that kubectl takes.

        The probe's policies are among it; a run makes them one after the other.

        Raises:
            ClusterError: the two nodes can't be read.
        """
        made = jobs(plan, self._settings(await self._nodes()))
        items: list[JsonValue] = [*made.values()]
        items += [
            credentials(self._run_id, self._namespace, path, password=_PLACEHOLDER)
            for path in self._paths_with_password
        ]
        if self._probes_policy:
            items += [
                network_policy(
                    rule,
                    run_id=self._run_id,
                    namespace=self._namespace,
                    owners=(),
                    port=POD_PORTS[ALLOWED],
                )
                for rule in Rule
            ]
        if self._creates_namespace:
            items.insert(0, run_namespace(self._run_id, self._paths))
        return {"apiVersion": "v1", "kind": "List", "items": items}

    async def open(self, plan: Plan, progress: Callable[[str], None]) -> Endpoints:
        """Create the run's objects and wait until all pods are ready; see the protocol.

        A host path that the cluster refuses is left out and told in ``refused``.

        Raises:
            UsageError: the given namespace does not exist.
            AccessError: a right is missing, by name.
            ClusterError: unreachable, or what is needed is refused by quota or admission.
            BenchmarkError: a pod can't run: its image, its node, a container that ends.
            DeadlineError: not ready in time; the message says what was waited for.
        """
        assert plan.run_id == self._run_id
        assert plan.paths == self._paths
        assert plan.probes_policy == self._probes_policy
        assert services_for(plan.suite.tests, probes_policy=plan.probes_policy) == self._services
        nodes = await self._sound_nodes()
        refused: dict[PathName, str] = {}
        if self._creates_namespace:
            progress(f"creating namespace {self._namespace}")
            await self._creation.create_namespace(self._paths)
        elif why := await why_no_host_pods(self._connection, self._namespace):
            refused[PathName.HOST] = why
        settings = self._settings(nodes)
        wanted = {end: job for end, job in jobs(plan, settings).items() if end[1] not in refused}
        progress(f"creating {len(wanted)} jobs in namespace {self._namespace}")
        created = await self._creation.create_jobs(wanted)
        refused |= created.refused
        self._jobs = created.jobs
        await self._creation.create_credentials(created.jobs, self._paths_with_password)
        awaited = replace(
            self._awaited,
            jobs={end: self._awaited.jobs[end] for end in wanted if end[1] not in refused},
        )
        opened = await ready_pods(self._connection, awaited, progress, within_s=self._opening_s)
        refused |= opened.refused
        await self._take_away(end for end in wanted if end[1] in refused)
        endpoints = await asyncio.gather(
            *(self._endpoint(end, pod) for end, pod in opened.pods.items())
        )
        self._pods = {end: text(pod, "metadata", "name") for end, pod in opened.pods.items()}
        return Endpoints(
            opened={(endpoint.role, endpoint.path): endpoint for endpoint in endpoints},
            refused=refused,
            notices=tuple(
                notice for (role, _), pod in opened.pods.items() for notice in imposed_on(role, pod)
            ),
        )

    async def trouble(self) -> str | None:
        """Return why the run must stop now, or None; see the protocol.

        Raises:
            ClusterError: it can't be told: the API server is away, or a right was taken back.
        """
        nodes, listed = await asyncio.gather(
            self._nodes(),
            self._connection.listed(
                f"/api/v1/namespaces/{self._namespace}/pods",
                {"labelSelector": selector(self._run_id)},
            ),
        )
        if (why := self._node_trouble(nodes)) is not None:
            return why
        pods = {text(pod, "metadata", "name"): pod for pod in objects(listed, "items")}
        for (role, _), name in self._pods.items():
            where = f"pod {self._namespace}/{printable(name)} on {self._awaited.nodes[role]}"
            if name not in pods:
                return f"{where} is gone"
            if (loss := loss_of(pods[name])) is not None:
                which = f"{loss.container}: " if loss.container else ""
                return f"{where}: {loss.trouble}: {which}{loss.detail}"
        return None

    async def close(self, removed: CleanupListener) -> None:
        """Remove everything this made; see the protocol.

        Raises:
            CleanupError: something is left.
        """
        self._closed.set()
        if self._creation.left_something:
            await remove_run(
                self._connection, self._run_id, self._namespace, removed, limits=self._limits
            )
            self._creation.forget()

    def policies(self, endpoints: Endpoints) -> NetworkPolicies:
        """Return what makes NetworkPolicies around the pods that :meth:`open` returned."""
        return NetworkPolicies(
            self._connection,
            run_id=self._run_id,
            namespace=self._namespace,
            owners=tuple(job for (_, path), job in self._jobs.items() if path is PathName.POD),
            ports=endpoints.server(PathName.POD).ports,
        )

    def _settings(self, nodes: Mapping[str, JsonObject]) -> PodSettings:
        return PodSettings(
            namespace=self._namespace,
            image=self._image,
            image_pull_secret=self._image_pull_secret,
            pair=self._pair,
            tolerations={name: tolerations(node) for name, node in nodes.items()},
        )

    async def _nodes(self) -> Mapping[str, JsonObject]:
        """Return the two nodes by name, by the right that choosing them needed already."""
        names = (self._pair.client.name, self._pair.server.name)
        lists = await asyncio.gather(
            *(
                self._connection.listed("/api/v1/nodes", {"fieldSelector": f"metadata.name={name}"})
                for name in names
            )
        )
        return {
            text(node, "metadata", "name"): node
            for listed in lists
            for node in objects(listed, "items")
        }

    def _node_trouble(self, nodes: Mapping[str, JsonObject]) -> str | None:
        for name in (self._pair.client.name, self._pair.server.name):
            if name not in nodes:
                return f"node {name} is not in the cluster any more"
            if (why := node_trouble(nodes[name])) is not None:
                return why
        return None

    async def _sound_nodes(self) -> Mapping[str, JsonObject]:
        nodes = await self._nodes()
        why = self._node_trouble(nodes)
        for node in (self._pair.client, self._pair.server):
            if node.internal_ip is None:
                why = why or f"node {node.name} has no InternalIP"
        if why is not None:
            raise BenchmarkError(
                why, hint="choose other nodes with --client-node and --server-node"
            )
        return nodes

    @property
    def _paths_with_password(self) -> tuple[PathName, ...]:
        return self._paths if Service.VSFTPD in self._services else ()

    async def _take_away(self, ends: Iterable[End]) -> None:
        """Remove the Jobs of a refused path now; whatever stays is removed at the end."""
        path = f"/apis/batch/v1/namespaces/{self._namespace}/jobs"
        for end in ends:
            with suppress(ClusterError, DeadlineError):
                await self._connection.delete(f"{path}/{self._awaited.jobs[end]}")

    async def _endpoint(self, end: End, pod: JsonObject) -> PodEndpoint:
        role, path = end
        node = self._pair.client if role is Role.CLIENT else self._pair.server
        name = text(pod, "metadata", "name")
        client = role is Role.CLIENT
        address = node.internal_ip if path is PathName.HOST else text(pod, "status", "podIP")
        if not address:
            raise BenchmarkError(f"pod {self._namespace}/{printable(name)} was given no address")
        return PodEndpoint(
            role=role,
            path=path,
            node=node.name,
            address=address,
            ports={} if client else await self._ports(name),
            connection=self._connection,
            container=Container(
                namespace=self._namespace,
                pod=name,
                name=CLIENT_CONTAINER if client else SHELL_CONTAINER,
            ),
            closed=self._closed,
        )

    async def _ports(self, pod: str) -> Mapping[Service, int]:
        """Read the ports that a server pod's init container chose."""
        container = Container(namespace=self._namespace, pod=pod, name=PORTS_CONTAINER)
        lines = await persistently(
            partial(read_tail, self._connection, container, lines=5), for_s=AWAY_S
        )
        for line in lines:
            ports = _ports_in(line, self._services)
            if ports is not None:
                return ports
        raise BenchmarkError(
            f"{container} printed no ports",
            hint="is it the image that `cniadvisor image build` makes?",
        )


def _ports_in(line: str, services: tuple[Service, ...]) -> Mapping[Service, int] | None:
    """Return the port of each service that a line of ``cniadvisor-ports`` tells."""
    try:
        told = mapping(json.loads(line), "ports")
    except ValueError:
        return None
    ports = {service: told.get(service) for service in services}
    found = {service: port for service, port in ports.items() if isinstance(port, int)}
    return found if len(found) == len(ports) else None
