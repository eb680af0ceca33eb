"""Reads from a cluster what detection needs: one pass of concurrent, paged, raw reads.

Each read is kept with its outcome, so that "forbidden" never looks like "absent". Reads that
depend on others come in three waves: what there is; what belongs to the agents found and a sample
of pods; why pods are stuck.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from cniadvisor.domain.errors import AccessError, ClusterError, DeadlineError
from cniadvisor.domain.inventory import (
    Absent,
    Failed,
    Forbidden,
    Found,
    Inventory,
    JsonObject,
    JsonValue,
    Read,
)
from cniadvisor.k8s.api_errors import NotFoundError, ServerError
from cniadvisor.k8s.connection import Connection
from cniadvisor.k8s.inventory_reads import (
    CONFIG_MAP_HOMES,
    CONTROLLER_SELECTORS,
    CUSTOM_LISTS,
    DAEMON_SETS,
    DEPLOYMENTS,
    EVENTS,
    GROUPS,
    KNOWN_NAMESPACES,
    NETWORK_POLICIES,
    NETWORK_POLICIES_AT_MOST,
    NODES,
    PODS,
    SAMPLE,
    VERSION,
    CustomList,
    WantedConfigMap,
)
from cniadvisor.k8s.objects import condition, mapping, objects, text
from cniadvisor.k8s.pod_sample import (
    evenly,
    is_agent,
    is_network_workload,
    is_stuck,
    sampled_pods,
)
from cniadvisor.k8s.pruning import prune, prune_chart, prune_node, prune_workload_pod

__all__ = ["read_inventory"]

Progress = Callable[[str], None]
_T = TypeVar("_T")

_READS_AT_ONCE = 16
_PAGE_SIZE = 500
# Served from the API server's cache, which has an index of pods by node; without it some servers
# walk through all pods of the cluster for each node asked about.
_FROM_CACHE = {"resourceVersion": "0"}


async def read_inventory(connection: Connection, *, progress: Progress | None = None) -> Inventory:
    """Read the inventory of the cluster ``connection`` leads to.

    Args:
        progress: told in sentences what was read.

    Raises:
        AccessError: the credentials are not accepted at all (a missing right is an outcome).
        ClusterError, DeadlineError: the API server can't be reached, or does not answer.
    """
    reader = _Reader(connection, progress or (lambda _: None))
    await reader.first_wave()
    await reader.second_wave()
    await reader.third_wave()
    return Inventory(reads=reader.reads)


@dataclass(slots=True)
class _Reader:
    connection: Connection
    progress: Progress
    reads: dict[str, Read] = field(default_factory=dict[str, Read])
    _at_once: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_READS_AT_ONCE))

    async def first_wave(self) -> None:
        """Read what stands on its own."""
        await _all(
            self._version(),
            self._read(GROUPS, self._get(GROUPS)),
            self._read(NODES, self._nodes()),
            self._read_everywhere(DAEMON_SETS, ("",)),
            self._read_everywhere(DEPLOYMENTS, CONTROLLER_SELECTORS),
            self._read(
                NETWORK_POLICIES, self._first_items(NETWORK_POLICIES, NETWORK_POLICIES_AT_MOST)
            ),
        )
        nodes, agents = len(self._items(NODES)), len(self._agents())
        self.progress(f"read {nodes} nodes and {agents} network DaemonSets")

    async def second_wave(self) -> None:
        """Read what follows from the agents, the API groups and the nodes."""
        wanted = self._wanted_config_maps()
        await _all(
            *(self._read(one.path, self._pruned(one.path)) for one in wanted),
            *(self._custom(one) for one in CUSTOM_LISTS),
            self._pods(),
        )
        pods = sum(len(self._items(path)) for path in self.reads if path.endswith("/pods"))
        self.progress(f"read {pods} pods, configuration and custom resources")

    async def third_wave(self) -> None:
        """Ask why pods are stuck, if some are."""
        paths = [path for path in self.reads if path.endswith("/pods")]
        stuck = [pod for path in paths for pod in self._items(path) if is_stuck(pod)]
        if stuck:
            about = stuck[: SAMPLE.stuck_pods_asked_about]
            await self._read(EVENTS, self._events(about))

    # --- single reads ------------------------------------------------------------------------

    async def _read(self, path: str, reading: Awaitable[JsonObject]) -> None:
        """Keep the outcome of ``reading`` under ``path``."""
        self.reads[path] = await _outcome(reading)

    async def _version(self) -> None:
        """Read the version. A server that can't even answer that is not reachable: raised."""
        try:
            self.reads[VERSION] = Found(body=await self._get(VERSION))
        except AccessError as error:
            if not error.right:
                raise
            self.reads[VERSION] = Forbidden(right=error.right)
        except NotFoundError:
            raise ClusterError(
                f"what answers at {self.connection.cluster_host} is no Kubernetes API server: "
                f"it has no {VERSION}",
                hint="check the server in the kubeconfig, its path included",
            ) from None
        except ServerError as error:
            self.reads[VERSION] = Failed(reason=error.message, status=error.status)

    async def _get(self, path: str, query: Mapping[str, str] | None = None) -> JsonObject:
        async with self._at_once:
            return await self.connection.get(path, query or {})

    async def _pruned(self, path: str) -> JsonObject:
        item = await self._get(path)
        prune(item)
        return item

    async def _first_items(
        self,
        path: str,
        at_most: int,
        query: Mapping[str, str] | None = None,
        *,
        prune_item: Callable[[JsonObject], None] = prune,
    ) -> JsonObject:
        """Return the first ``at_most`` items; ``metadata.continue`` tells that there are more."""
        listed = await self._get(path, {"limit": str(at_most), **(query or {})})
        for item in _items_of(listed):
            prune_item(item)
        return listed

    async def _whole(
        self,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        prune_item: Callable[[JsonObject], None] = prune,
    ) -> JsonObject:
        """Return a whole list, pruned page by page, so that only what is kept takes memory."""
        whole: JsonObject = {}
        items: list[JsonValue] = []
        async with self._at_once:
            async for page in self.connection.pages(
                path, query or {}, page_size=_PAGE_SIZE, on_restart=items.clear
            ):
                whole = page
                for item in _items_of(page):
                    prune_item(item)
                    items.append(item)
        whole["items"] = items
        return whole

    async def _nodes(self) -> JsonObject:
        return await self._whole(NODES, prune_item=prune_node)

    async def _custom(self, wanted: CustomList) -> None:
        if not self._may_be_served(wanted.group, wanted.version):
            self.reads[wanted.path] = Absent()
            return
        prune_item = prune_chart if wanted.resource == "helmcharts" else prune
        reading = (
            self._whole(wanted.path, prune_item=prune_item)
            if wanted.at_most is None
            else self._first_items(wanted.path, wanted.at_most, prune_item=prune_item)
        )
        await self._read(wanted.path, reading)

    async def _read_everywhere(self, path: str, selectors: Iterable[str]) -> None:
        """Read a list of the whole cluster or, where that is forbidden, of known namespaces."""
        selectors = tuple(selectors)
        await self._read(path, self._selected(path, selectors))
        if isinstance(self.reads[path], Forbidden):
            paths = [_in_namespace(path, namespace) for namespace in self._known_namespaces()]
            await _all(*(self._read(one, self._selected(one, selectors)) for one in paths))

    async def _selected(self, path: str, selectors: tuple[str, ...]) -> JsonObject:
        """Return what any of ``selectors`` selects, as one list."""
        lists = await _all(
            *(self._whole(path, {"labelSelector": one} if one else None) for one in selectors)
        )
        merged = lists[0]
        items = {
            (_namespace(item), _name(item)): item for listed in lists for item in _items_of(listed)
        }
        merged["items"] = [*items.values()]
        return merged

    async def _events(self, pods: Iterable[JsonObject]) -> JsonObject:
        lists = await _all(*(self._events_of(pod) for pod in pods))
        items: list[JsonValue] = [item for listed in lists for item in _items_of(listed)]
        return {"kind": "EventList", "apiVersion": "v1", "metadata": {}, "items": items}

    async def _events_of(self, pod: JsonObject) -> JsonObject:
        selector = f"involvedObject.name={_name(pod)},reason=FailedCreatePodSandBox"
        path = _in_namespace(EVENTS, _namespace(pod))
        return await self._first_items(path, 5, {"fieldSelector": selector})

    # --- pods --------------------------------------------------------------------------------

    async def _pods(self) -> None:
        """Read the agents' pods and a sample of the others; never all pods of a big cluster."""
        names = self._nodes_to_look_at() or await self._nodes_of_agents()
        if names:
            await self._pods_on(names)
        else:
            await self._read(PODS, self._pods_anywhere(PODS, at_most=SAMPLE.pods))
        if isinstance(self.reads[PODS], Forbidden):
            namespaces = self._known_namespaces()
            at_most = SAMPLE.pods // len(namespaces)
            paths = [_in_namespace(PODS, namespace) for namespace in namespaces]
            await _all(
                *(self._read(one, self._pods_anywhere(one, at_most=at_most)) for one in paths)
            )

    async def _pods_on(self, names: Sequence[str]) -> None:
        """Keep what is of interest on these nodes; a node that fails gets a key of its own."""
        selectors = [f"spec.nodeName={name}" for name in names]
        outcomes = await _all(
            *(
                _outcome(self._get(PODS, {"fieldSelector": selector, **_FROM_CACHE}))
                for selector in selectors
            )
        )
        found = [_items_of(outcome.body) for outcome in outcomes if isinstance(outcome, Found)]
        if not found:
            self.reads[PODS] = outcomes[0]
            return
        self.reads[PODS] = Found(body=_kept_pods(found, at_most=SAMPLE.pods))
        for selector, outcome in zip(selectors, outcomes, strict=True):
            if not isinstance(outcome, Found):
                self.reads[f"{PODS}?fieldSelector={selector}"] = outcome

    async def _pods_anywhere(self, path: str, *, at_most: int) -> JsonObject:
        """Return a sample of what one page of pods holds: for users who may not read nodes."""
        listed = await self._get(path, {"limit": "200"})
        by_node: dict[str, list[JsonObject]] = {}
        for pod in _items_of(listed):
            by_node.setdefault(text(pod, "spec", "nodeName"), []).append(pod)
        by_node.pop("", None)
        names = evenly(sorted(by_node), SAMPLE.nodes)
        return _kept_pods([by_node[name] for name in names], at_most=at_most)

    async def _nodes_of_agents(self) -> Sequence[str]:
        """Return names of nodes as the agents' pods tell them."""
        outcomes = await _all(*(_outcome(self._pods_of(agent)) for agent in self._agents()))
        names = {
            text(pod, "spec", "nodeName")
            for outcome in outcomes
            if isinstance(outcome, Found)
            for pod in _items_of(outcome.body)
        }
        return evenly(sorted(names - {""}), SAMPLE.nodes)

    async def _pods_of(self, workload: JsonObject) -> JsonObject:
        labels = mapping(workload, "spec", "selector", "matchLabels")
        selector = ",".join(f"{name}={value}" for name, value in sorted(labels.items()))
        query = {"limit": str(SAMPLE.pods_of_an_agent), "labelSelector": selector}
        return await self._get(_in_namespace(PODS, _namespace(workload)), query)

    # --- what was read so far ----------------------------------------------------------------

    def _items(self, path: str) -> tuple[JsonObject, ...]:
        read = self.reads.get(path)
        return _items_of(read.body) if isinstance(read, Found) else ()

    def _agents(self) -> list[JsonObject]:
        """Return the DaemonSets that look like part of the network, from whichever list."""
        paths = [path for path in self.reads if path.endswith("/daemonsets")]
        return [item for path in paths for item in self._items(path) if is_network_workload(item)]

    def _nodes_to_look_at(self) -> Sequence[str]:
        """Return names evenly over the cluster, with some where the network may not come up."""
        nodes = self._items(NODES)
        ready = [name for node in nodes if (name := _name(node)) and _is_ready(node)]
        waiting = [name for node in nodes if (name := _name(node)) and not _is_ready(node)]
        if len(ready) + len(waiting) <= SAMPLE.nodes:
            return ready + waiting
        worth = waiting[: max(SAMPLE.waiting_nodes, SAMPLE.nodes - len(ready))]
        return [*evenly(ready, SAMPLE.nodes - len(worth)), *worth]

    def _known_namespaces(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*KNOWN_NAMESPACES, self.connection.namespace)))

    def _may_be_served(self, group: str, version: str) -> bool:
        read = self.reads.get(GROUPS)
        if not isinstance(read, Found):
            return True
        return any(
            entry.get("name") == group
            and any(one.get("version") == version for one in objects(entry, "versions"))
            for entry in objects(read.body, "groups")
        )

    def _wanted_config_maps(self) -> list[WantedConfigMap]:
        """Return those with known names, in their homes and beside the agents, and the mounted."""
        agents = self._agents()
        namespaces = {_namespace(agent) for agent in agents}
        wanted = {
            (namespace, name)
            for name, homes in CONFIG_MAP_HOMES.items()
            for namespace in namespaces.union(homes)
        }
        for agent in agents:
            namespace = _namespace(agent)
            wanted |= {(namespace, name) for name in _mounted_config_maps(agent)}
        return [WantedConfigMap(namespace=where, name=name) for where, name in sorted(wanted)]


async def _outcome(reading: Awaitable[JsonObject]) -> Read:
    """Return what came of a read. Credentials that are not accepted are no outcome but raised."""
    try:
        return Found(body=await reading)
    except NotFoundError:
        return Absent()
    except AccessError as error:
        if not error.right:
            raise  # 401: no other read will fare better.
        return Forbidden(right=error.right)
    except ServerError as error:
        return Failed(reason=error.message, status=error.status)
    except (ClusterError, DeadlineError) as error:
        return Failed(reason=error.message)


async def _all(*readings: Coroutine[Any, Any, _T]) -> list[_T]:
    """Run them together; the first that fails stops the others and is raised as it is."""
    tasks = [asyncio.create_task(reading) for reading in readings]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _kept_pods(by_node: Sequence[Sequence[JsonObject]], *, at_most: int) -> JsonObject:
    """Return the agents' pods and at most ``at_most`` others as one list."""
    agents = [pod for pods in by_node for pod in pods if is_agent(pod)]
    others = sampled_pods(by_node, at_most)
    for pod in agents:
        prune(pod)
    for pod in others:
        prune_workload_pod(pod)
    items: list[JsonValue] = [*agents, *others]
    return {"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": items}


def _mounted_config_maps(workload: JsonObject) -> set[str]:
    """Return the names of the ConfigMaps a workload's pods mount or take variables from."""
    spec = mapping(workload, "spec", "template", "spec")
    named = [text(volume, "configMap", "name") for volume in objects(spec, "volumes")]
    for key in ("containers", "initContainers"):
        for container in objects(spec, key):
            named += [text(one, "configMapRef", "name") for one in objects(container, "envFrom")]
            named += [
                text(variable, "valueFrom", "configMapKeyRef", "name")
                for variable in objects(container, "env")
            ]
    return {name for name in named if name}


def _is_ready(node: JsonObject) -> bool:
    return condition(node, "Ready").get("status") == "True"


def _in_namespace(path: str, namespace: str) -> str:
    """Return the path of the list at ``path`` in one namespace."""
    prefix, _, resource = path.rpartition("/")
    return f"{prefix}/namespaces/{namespace}/{resource}"


def _items_of(listed: JsonObject) -> tuple[JsonObject, ...]:
    return tuple(objects(listed, "items"))


def _name(item: JsonObject) -> str:
    return text(item, "metadata", "name")


def _namespace(item: JsonObject) -> str:
    return text(item, "metadata", "namespace")
