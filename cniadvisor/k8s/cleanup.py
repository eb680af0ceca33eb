"""What runs have left in a cluster, and taking it away."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cniadvisor.bench.endpoints import CleanupListener
from cniadvisor.domain.errors import AccessError
from cniadvisor.domain.inventory import JsonObject
from cniadvisor.domain.text import printable
from cniadvisor.k8s.api_errors import NotFoundError
from cniadvisor.k8s.connection import Connection
from cniadvisor.k8s.naming import RUN_LABEL, namespace_name, selector
from cniadvisor.k8s.objects import condition, objects, text, value
from cniadvisor.k8s.removal import Limits, is_ours, remove_run

__all__ = ["Leftover", "Leftovers", "find_leftovers", "remove"]

_STARTING = timedelta(minutes=2)
"""A run's namespace without a Job may be that of a run just starting; for so long it is spared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """What one run has in one namespace.

    Attributes:
        owns_namespace: the run made the namespace; it goes too.
        created: the oldest object's creation; None when the API did not tell.
        active: the run may still be alive: a Job that has not ended and whose time is not over.
        objects: what there is, as ``kind name``.
    """

    run_id: str
    namespace: str
    owns_namespace: bool
    created: datetime | None
    active: bool
    objects: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftovers:
    """What was found, where it was looked for, and what kept from looking further."""

    found: tuple[Leftover, ...]
    searched: str
    notes: tuple[str, ...] = ()


async def find_leftovers(
    connection: Connection,
    run_id: str | None = None,
    namespace: str | None = None,
    *,
    now: datetime | None = None,
) -> Leftovers:
    """Find what runs (or one run) left, by label.

    Looks in ``namespace`` if given, else in the whole cluster; where that is not allowed, in the
    connection's namespace and, for a known run, in the namespace it would have made.

    Raises:
        ClusterError: not even one namespace could be searched; AccessError names the right.
    """
    now = datetime.now(UTC) if now is None else now
    query = {"labelSelector": selector(run_id)}
    if namespace is not None:
        things = await _in_namespace(connection, namespace, query)
        return Leftovers(found=_by_run(things, now), searched=f"namespace {namespace}")
    try:
        namespaces, jobs, pods = await asyncio.gather(
            connection.listed("/api/v1/namespaces", query),
            connection.listed("/apis/batch/v1/jobs", query),
            connection.listed("/api/v1/pods", query),
        )
    except AccessError as refusal:
        note = (
            "the whole cluster can't be searched"
            f" (the right to {refusal.right or 'list jobs'} is missing)"
        )
        places = [connection.namespace]
        if run_id is not None and namespace_name(run_id) not in places:
            places.append(namespace_name(run_id))
        things, searched = await _in_namespaces(connection, places, query)
        return Leftovers(
            found=_by_run(things, now),
            searched=f"namespace {' and '.join(searched)}",
            notes=(note,),
        )
    things = [
        *_things("namespace", namespaces),
        *_things("job", jobs),
        *_things("pod", pods),
    ]
    return Leftovers(found=_by_run(things, now), searched="all namespaces")


async def remove(
    connection: Connection,
    leftover: Leftover,
    removed: CleanupListener,
    *,
    limits: Limits | None = None,
) -> None:
    """Remove one leftover and wait until it is gone; see :func:`~.removal.remove_run`.

    Raises:
        CleanupError: something is left, named with the command that removes it.
    """
    await remove_run(connection, leftover.run_id, leftover.namespace, removed, limits=limits)


async def _in_namespaces(
    connection: Connection, places: list[str], query: dict[str, str]
) -> tuple[list["_Thing"], list[str]]:
    """Return what is in those of ``places`` that may be searched, and which these are."""
    things: list[_Thing] = []
    searched: list[str] = []
    refusal: AccessError | None = None
    for place in places:
        try:
            things += await _in_namespace(connection, place, query)
            searched.append(place)
        except AccessError as error:
            refusal = refusal or error
    if refusal is not None and not searched:
        raise refusal
    return things, searched


async def _in_namespace(
    connection: Connection, namespace: str, query: dict[str, str]
) -> list["_Thing"]:
    jobs, pods = await asyncio.gather(
        connection.listed(f"/apis/batch/v1/namespaces/{namespace}/jobs", query),
        connection.listed(f"/api/v1/namespaces/{namespace}/pods", query),
    )
    things = [*_things("job", jobs), *_things("pod", pods)]
    try:
        found = await connection.get(f"/api/v1/namespaces/{namespace}")
    except (AccessError, NotFoundError):
        return things
    run_id = text(found, "metadata", "labels", RUN_LABEL)
    if (
        run_id
        and is_ours(found, run_id)
        and query["labelSelector"]
        in (
            selector(),
            selector(run_id),
        )
    ):
        things.insert(0, _Thing(kind="namespace", body=found))
    return things


@dataclass(frozen=True, slots=True, kw_only=True)
class _Thing:
    kind: str
    body: JsonObject

    @property
    def name(self) -> str:
        return printable(text(self.body, "metadata", "name"))

    @property
    def namespace(self) -> str:
        return self.name if self.kind == "namespace" else text(self.body, "metadata", "namespace")

    @property
    def created(self) -> datetime | None:
        return _time(text(self.body, "metadata", "creationTimestamp"))


def _things(kind: str, listed: JsonObject) -> Iterator[_Thing]:
    for body in objects(listed, "items"):
        # The server selected by label; what is removed is checked once more all the same.
        if is_ours(body, text(body, "metadata", "labels", RUN_LABEL)):
            yield _Thing(kind=kind, body=body)


def _by_run(things: list[_Thing], now: datetime) -> tuple[Leftover, ...]:
    runs: dict[tuple[str, str], list[_Thing]] = {}
    for thing in things:
        run_id = text(thing.body, "metadata", "labels", RUN_LABEL)
        runs.setdefault((run_id, thing.namespace), []).append(thing)
    return tuple(
        Leftover(
            run_id=run_id,
            namespace=namespace,
            owns_namespace=any(thing.kind == "namespace" for thing in own),
            created=min((thing.created for thing in own if thing.created), default=None),
            active=_is_active(own, now),
            objects=tuple(f"{thing.kind} {thing.name}" for thing in own),
        )
        for (run_id, namespace), own in sorted(runs.items())
    )


def _is_active(things: list[_Thing], now: datetime) -> bool:
    jobs = [thing for thing in things if thing.kind == "job"]
    if jobs:
        return any(_job_is_active(job, now) for job in jobs)
    return any(
        thing.created is not None and now - thing.created < _STARTING
        for thing in things
        if not text(thing.body, "metadata", "deletionTimestamp")
    )


def _job_is_active(job: _Thing, now: datetime) -> bool:
    if text(job.body, "metadata", "deletionTimestamp"):
        return False
    if any(text(condition(job.body, end), "status") == "True" for end in ("Complete", "Failed")):
        return False
    longest = value(job.body, "spec", "activeDeadlineSeconds")
    if job.created is None or not isinstance(longest, (int, float)):
        return True
    return now - job.created < timedelta(seconds=longest)


def _time(stamp: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
