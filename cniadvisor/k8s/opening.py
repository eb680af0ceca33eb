"""From created Jobs to ready pods: one watch, and a clear word as soon as one will not come."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field

from cniadvisor.domain.errors import (
    AccessError,
    BenchmarkError,
    ClusterError,
    CniAdvisorError,
    DeadlineError,
)
from cniadvisor.domain.inventory import JsonObject
from cniadvisor.domain.measurement import PathName, Role
from cniadvisor.domain.text import printable
from cniadvisor.k8s.connection import Connection
from cniadvisor.k8s.exec import Container
from cniadvisor.k8s.logs import last_words
from cniadvisor.k8s.naming import PATH_LABEL, ROLE_LABEL, selector
from cniadvisor.k8s.objects import objects, text
from cniadvisor.k8s.pod_state import PodLoss, Trouble, is_ready, loss_of, progress_of
from cniadvisor.k8s.watching import following

__all__ = ["Awaited", "End", "Opened", "ready_pods"]

End = tuple[Role, PathName]

_LOG_LINES = 5
_EVENTS_S = 5.0
_TOLD_EVERY_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """What is being waited for: the Job of each end, and the node of each role."""

    namespace: str
    run_id: str
    jobs: Mapping[End, str]
    nodes: Mapping[Role, str]
    image: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """Ready pods by end, and the paths whose pods the cluster refuses, in its words."""

    pods: Mapping[End, JsonObject]
    refused: Mapping[PathName, str]


async def ready_pods(
    connection: Connection,
    awaited: Awaited,
    progress: Callable[[str], None],
    *,
    within_s: float,
) -> Opened:
    """Wait until every pod is ready or its path refused.

    Raises:
        BenchmarkError: a pod will not come: image, scheduling, a container that ends.
        ClusterError: admission or a quota refuses a pod of the pod path.
        DeadlineError: not ready in time; the message says what each pod was waiting for.
    """
    opening = _Opening(awaited=awaited, progress=progress)
    try:
        async with (
            asyncio.timeout(within_s),
            aclosing(_news(connection, awaited)) as news,
        ):
            async for piece in news:
                if piece is not None:
                    opening.take(piece)
                for end, pod in opening.wanted_pods.items():
                    if (loss := loss_of(pod)) is not None:
                        raise await _pod_error(connection, awaited, end, pod, loss)
                opening.tell()
                if not opening.missing:
                    break
    except TimeoutError:
        raise DeadlineError(
            f"after {within_s:g} s not all pods are ready: "
            + "; ".join(await _what_is_missing(connection, opening)),
            hint="look at the pods' events with `kubectl describe`, and at the CNI's agents on "
            "these nodes",
        ) from None
    return Opened(pods=opening.wanted_pods, refused=opening.refused)


def _pods_by_end(pods: Mapping[str, JsonObject]) -> Mapping[End, JsonObject]:
    """Return a run's pods by the end their labels tell."""
    found: dict[End, JsonObject] = {}
    for pod in pods.values():
        labels = ("metadata", "labels")
        try:
            end = Role(text(pod, *labels, ROLE_LABEL)), PathName(text(pod, *labels, PATH_LABEL))
        except ValueError:
            continue
        found[end] = pod
    return found


async def _pod_error(
    connection: Connection, awaited: Awaited, end: End, pod: JsonObject, loss: PodLoss
) -> CniAdvisorError:
    """Return the error for a lost pod, with the last words of a container that ended."""
    name, node = text(pod, "metadata", "name"), awaited.nodes[end[0]]
    where = f"pod {awaited.namespace}/{printable(name)} on node {node}"
    match loss.trouble:
        case Trouble.IMAGE:
            return BenchmarkError(
                f"image {printable(awaited.image)} can't be had on node {node}: {loss.detail}",
                hint="`cniadvisor image load` puts it on the nodes; for an image in a registry "
                "see --image and --image-pull-secret",
            )
        case Trouble.UNSCHEDULABLE:
            return BenchmarkError(
                f"{where} can't be scheduled: {loss.detail}",
                hint="make room there, or choose other nodes with --client-node and --server-node",
            )
        case Trouble.CONTAINER:
            return BenchmarkError(
                f"container {loss.container} of {where} can't be made: {loss.detail}",
                hint="is it the image that `cniadvisor image build` makes?",
            )
        case Trouble.ENDED:
            container = Container(namespace=awaited.namespace, pod=name, name=loss.container)
            said = await last_words(connection, container, lines=_LOG_LINES)
            return BenchmarkError(
                f"container {loss.container} of {where} ended: {loss.detail}"
                + (f"; it said: {said}" if said else ""),
                hint="is it the image that `cniadvisor image build` makes?",
            )
        case Trouble.POD:
            return BenchmarkError(
                f"{where} ended: {loss.detail}",
                hint="look at the node, or choose others with --client-node and --server-node",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pods:
    by_name: Mapping[str, JsonObject]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Events:
    by_name: Mapping[str, JsonObject]


@dataclass(slots=True, kw_only=True)
class _Opening:
    """What is known while waiting."""

    awaited: Awaited
    progress: Callable[[str], None]
    pods: Mapping[End, JsonObject] = field(default_factory=dict[End, JsonObject])
    refused: dict[PathName, str] = field(default_factory=dict[PathName, str])
    failing: dict[End, str] = field(default_factory=dict[End, str])
    _told: str = ""
    _told_ready: int = 0
    _told_at: float = field(default_factory=lambda: asyncio.get_running_loop().time())

    def take(self, news: _Pods | _Events) -> None:
        """Take in what is new.

        Raises:
            BenchmarkError: a pod vanished.
            ClusterError: a pod of the pod path is refused.
        """
        if isinstance(news, _Pods):
            found = _pods_by_end(news.by_name)
            pods = {end: found[end] for end in self.awaited.jobs if end in found}
            for end in self.pods:
                if end not in pods and end[1] not in self.refused:
                    raise BenchmarkError(
                        f"the pod of job {self.awaited.jobs[end]} was deleted by somebody else",
                        hint="run it again; if it happens again, find out what deletes pods there",
                    )
            self.pods = pods
        else:
            self._take_events(news.by_name)

    def tell(self) -> None:
        """Say how far it is: when another pod is ready, or when there is news for a while."""
        now = asyncio.get_running_loop().time()
        missing = self.missing
        number = sum(path not in self.refused for _, path in self.awaited.jobs)
        ready = number - len(missing)
        if not missing or (ready == self._told_ready and now < self._told_at + _TOLD_EVERY_S):
            return
        standing = (f"{role}/{path}: {self.standing((role, path))}" for role, path in missing)
        sentence = f"{ready} of {number} pods are ready; waiting for {'; '.join(standing)}"
        if sentence != self._told:
            self._told, self._told_ready, self._told_at = sentence, ready, now
            self.progress(sentence)

    @property
    def missing(self) -> list[End]:
        """The ends that are still awaited."""
        return [
            end
            for end in self.awaited.jobs
            if end[1] not in self.refused and not (end in self.pods and is_ready(self.pods[end]))
        ]

    @property
    def wanted_pods(self) -> Mapping[End, JsonObject]:
        """The pods of the paths that were not refused."""
        return {end: pod for end, pod in self.pods.items() if end[1] not in self.refused}

    def standing(self, end: End) -> str:
        """Return where an end's pod stands, in a few words."""
        if end in self.pods:
            return progress_of(self.pods[end])
        return self.failing.get(end, "its Job has made no pod yet")

    def _take_events(self, events: Mapping[str, JsonObject]) -> None:
        ends = {job: end for end, job in self.awaited.jobs.items()}
        for event in events.values():
            end = ends.get(text(event, "involvedObject", "name"))
            if end is None or end in self.pods:
                continue
            said = printable(text(event, "message"), limit=500)
            self.failing[end] = said
            if not _is_final(said):
                continue
            if end[1] is not PathName.HOST:
                raise ClusterError(
                    f"the cluster refuses the pod of job {self.awaited.jobs[end]}: {said}",
                    hint="use another namespace with --namespace, or ask the cluster's "
                    "administrator",
                )
            self.refused.setdefault(PathName.HOST, said)


def _is_final(message: str) -> bool:
    """Whether a Job controller's FailedCreate will not cure itself.

    Admission's answers are final. A new namespace has no service account for a moment, and a
    server that is away comes back: the Job controller tries again.
    """
    if "error looking up service account" in message:
        return False
    return any(
        words in message for words in (" is forbidden: ", " denied the request", " is invalid: ")
    )


async def _news(connection: Connection, awaited: Awaited) -> AsyncGenerator[_Pods | _Events | None]:
    """Yield the pods and the Jobs' complaints after each change of either; None now and then."""
    queue: asyncio.Queue[_Pods | _Events | CniAdvisorError] = asyncio.Queue()

    async def feed_pods() -> None:
        path = f"/api/v1/namespaces/{awaited.namespace}/pods"
        query = {"labelSelector": selector(awaited.run_id)}
        try:
            async with aclosing(following(connection, path, query)) as states:
                async for pods in states:
                    queue.put_nowait(_Pods(by_name=pods))
        except CniAdvisorError as error:
            queue.put_nowait(error)

    async def feed_events() -> None:
        # A pod that admission refuses exists nowhere; only an event on its Job tells why.
        path = f"/api/v1/namespaces/{awaited.namespace}/events"
        query = {"fieldSelector": "involvedObject.kind=Job,reason=FailedCreate"}
        try:
            async with aclosing(following(connection, path, query)) as states:
                async for events in states:
                    queue.put_nowait(_Events(by_name=events))
        except AccessError:
            return  # Without that right the deadline tells that no pod came, but not why.
        except CniAdvisorError as error:
            queue.put_nowait(error)

    feeds = [asyncio.ensure_future(feed_pods()), asyncio.ensure_future(feed_events())]
    try:
        while True:
            piece = None
            with suppress(TimeoutError):
                async with asyncio.timeout(_TOLD_EVERY_S):
                    piece = await queue.get()
            if isinstance(piece, CniAdvisorError):
                raise piece
            yield piece
    finally:
        for feed in feeds:
            feed.cancel()
        await asyncio.wait(feeds)


async def _what_is_missing(connection: Connection, opening: _Opening) -> list[str]:
    """Say of each pod that is not ready where it stands, with its last warning."""
    awaited = opening.awaited
    warnings = await _pod_warnings(connection, awaited.namespace)
    said: list[str] = []
    for end in opening.missing:
        pod = text(opening.pods.get(end), "metadata", "name")
        warning = warnings.get(pod, "")
        said.append(
            f"{pod or awaited.jobs[end]} on node {awaited.nodes[end[0]]}: {opening.standing(end)}"
            + (f" ({warning})" if warning else "")
        )
    return said


async def _pod_warnings(connection: Connection, namespace: str) -> Mapping[str, str]:
    """Return the newest warning of each pod; what can't be read is left out."""
    query = {"fieldSelector": "involvedObject.kind=Pod,type=Warning"}
    try:
        async with asyncio.timeout(_EVENTS_S):
            listed = await connection.listed(f"/api/v1/namespaces/{namespace}/events", query)
    except (CniAdvisorError, TimeoutError):
        return {}
    events = sorted(objects(listed, "items"), key=lambda event: text(event, "lastTimestamp"))
    return {
        text(event, "involvedObject", "name"): printable(
            f"{text(event, 'reason')}: {text(event, 'message')}", limit=300
        )
        for event in events
    }
