"""Removing what a run made, whatever state it is in: by label, never anything without ours."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from cniadvisor.bench.endpoints import CleanupListener
from cniadvisor.domain.commands import cleanup_command
from cniadvisor.domain.errors import AccessError, CleanupError, CniAdvisorError
from cniadvisor.domain.inventory import JsonObject
from cniadvisor.domain.measurement import PathName
from cniadvisor.domain.text import printable
from cniadvisor.k8s.api_errors import ConflictError, NotFoundError
from cniadvisor.k8s.connection import Connection
from cniadvisor.k8s.naming import (
    MANAGED_BY,
    PRODUCT,
    RUN_LABEL,
    namespace_name,
    secret_name,
    selector,
)
from cniadvisor.k8s.objects import objects, text
from cniadvisor.k8s.retrying import persistently
from cniadvisor.k8s.watching import following

__all__ = ["Limits", "is_ours", "remove_run"]

_LOOK_AGAIN_S = 0.25

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long removing may take.

    Attributes:
        away_s: for how long an API server that is away is asked again.
        collected_s: after this time pods that nobody deletes, though their Job is gone, are
            deleted here.
        pods_s: within which the pods must be gone.
        namespace_s: within which the namespace must be gone.
        held_s: the same, when pods that don't end hold it anyway.
    """

    away_s: float = 60.0
    collected_s: float = 10.0
    pods_s: float = 60.0
    namespace_s: float = 120.0
    held_s: float = 5.0


async def remove_run(
    connection: Connection,
    run_id: str,
    namespace: str,
    removed: CleanupListener,
    *,
    limits: Limits | None = None,
) -> None:
    """Remove the password, Jobs and pods of a run, and the namespace if the run made it.

    Waits until all of it is gone; what is gone already is fine. ``removed`` is told of each thing.

    Raises:
        CleanupError: something is left; the message names it, the hint has the command for it.
    """
    removal = _Removal(connection, run_id, namespace, removed, limits or Limits())
    left = await removal.run()
    if left:
        made = removal.owns_namespace or namespace == namespace_name(run_id)
        command = cleanup_command(
            run_id, context=connection.context, namespace=None if made else namespace
        )
        raise CleanupError(
            f"clean-up is incomplete; left behind: {'; '.join(left)}",
            hint=f"`{command}` removes it",
        )


def is_ours(thing: JsonObject, run_id: str) -> bool:
    """Whether an object carries the labels of this run."""
    labels = ("metadata", "labels")
    return text(thing, *labels, MANAGED_BY) == PRODUCT and text(thing, *labels, RUN_LABEL) == run_id


class _Removal:
    def __init__(
        self,
        connection: Connection,
        run_id: str,
        namespace: str,
        removed: CleanupListener,
        limits: Limits,
    ) -> None:
        self._connection = connection
        self._run_id = run_id
        self._removed = removed
        self._limits = limits
        self._namespace = namespace
        self._namespace_path = f"/api/v1/namespaces/{namespace}"
        self._pods_path = f"{self._namespace_path}/pods"
        self._jobs_path = f"/apis/batch/v1/namespaces/{namespace}/jobs"
        self._selected = {"labelSelector": selector(run_id)}
        self._left: list[str] = []
        self.owns_namespace = False

    async def run(self) -> list[str]:
        """Remove everything and return what is left, in words."""
        doing = f"jobs and pods of run {self._run_id} in namespace {self._namespace}"
        try:
            if await self._look_at_namespace():
                await self._remove_jobs()
                if self.owns_namespace:
                    doing = f"namespace {self._namespace}"
                    await self._until_namespace_is_gone()
        except CniAdvisorError as error:
            self._tell(doing, error.message)
        return self._left

    def _tell(self, what: str, error: str | None = None) -> None:
        if error is not None:
            self._left.append(f"{what}: {error}")
        self._removed(what, error)

    async def _look_at_namespace(self) -> bool:
        """Learn whether the namespace exists, and whether this run made it."""
        try:
            found = await self._persistently(partial(self._connection.get, self._namespace_path))
        except NotFoundError:
            return False
        except AccessError:
            return True  # Whoever may not read namespaces did not make this one.
        self.owns_namespace = is_ours(found, self._run_id)
        return True

    async def _remove_jobs(self) -> None:
        await self._remove_credentials()
        gone = await self._delete_jobs()
        if self.owns_namespace:
            await self._delete(self._namespace_path)
        await self._remove_pods()
        # Again: a Job whose creation was broken off may appear late.
        if late := await self._delete_jobs():
            await self._remove_pods()
        still_there = await self._names_of_jobs() if late else []
        for job in sorted({*gone, *late}):
            self._tell(f"job {job}", "it is still there" if job in still_there else None)

    async def _remove_credentials(self) -> None:
        # Where that is allowed: no role of ours asks for the right, for they go with the Jobs that
        # own them. By name, because listing Secrets would be reading them.
        for path in PathName:
            with suppress(AccessError):
                name = secret_name(self._run_id, path)
                await self._delete(f"{self._namespace_path}/secrets/{name}")

    async def _delete_jobs(self) -> list[str]:
        jobs = await self._names_of_jobs()
        await asyncio.gather(*(self._delete(f"{self._jobs_path}/{job}") for job in jobs))
        return jobs

    async def _names_of_jobs(self) -> list[str]:
        listed = await self._listed(self._jobs_path)
        return [text(job, "metadata", "name") for job in objects(listed, "items")]

    async def _remove_pods(self) -> None:
        """Wait until the Jobs' pods are gone; tell which stay."""
        pods = await self._pods_until(_all_leaving, within_s=self._limits.collected_s)
        for name, pod in pods.items():
            # Its Job is gone and nobody collects it: the garbage collector is not at work.
            if not _is_leaving(pod):
                await self._delete(f"{self._pods_path}/{name}")
        pods = await self._pods_until(_none, within_s=self._limits.pods_s)
        for name, pod in pods.items():
            node = printable(text(pod, "spec", "nodeName"))
            self._tell(f"pod {printable(name)}", f"it does not end; is node {node} alive?")

    async def _pods_until(
        self, reached: Callable[[Mapping[str, JsonObject]], bool], *, within_s: float
    ) -> Mapping[str, JsonObject]:
        """Return the run's pods once ``reached``, or as they are when the time is over.

        The time counts from when the API server has told what there is; it may have been away.
        """
        pods = await self._listed_pods()
        if reached(pods):
            return pods
        states = following(self._connection, self._pods_path, self._selected)
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s), aclosing(states):
                async for pods in states:
                    if reached(pods):
                        return pods
        return await self._listed_pods()

    async def _listed_pods(self) -> Mapping[str, JsonObject]:
        listed = await self._listed(self._pods_path)
        return {text(pod, "metadata", "name"): pod for pod in objects(listed, "items")}

    async def _until_namespace_is_gone(self) -> None:
        within_s = self._limits.held_s if self._left else self._limits.namespace_s
        end = asyncio.get_running_loop().time() + within_s
        what = f"namespace {self._namespace}"
        try:
            while True:
                found = await self._persistently(
                    partial(self._connection.get, self._namespace_path)
                )
                if not is_ours(found, self._run_id):
                    break
                if asyncio.get_running_loop().time() > end:
                    self._tell(what, _why_it_stays(found))
                    return
                await asyncio.sleep(_LOOK_AGAIN_S)
        except NotFoundError:
            pass
        self._tell(what)

    async def _delete(self, path: str) -> None:
        # 409: it is being deleted already.
        with suppress(ConflictError):
            await self._persistently(partial(self._connection.delete, path))

    async def _listed(self, path: str) -> JsonObject:
        return await self._persistently(partial(self._connection.listed, path, self._selected))

    async def _persistently(self, action: Callable[[], Awaitable[_T]]) -> _T:
        return await persistently(action, for_s=self._limits.away_s)


def _is_leaving(pod: JsonObject) -> bool:
    return bool(text(pod, "metadata", "deletionTimestamp"))


def _all_leaving(pods: Mapping[str, JsonObject]) -> bool:
    return all(map(_is_leaving, pods.values()))


def _none(pods: Mapping[str, JsonObject]) -> bool:
    return not pods


def _why_it_stays(namespace: JsonObject) -> str:
    """Return what the namespace controller says; a broken aggregated API is the usual reason."""
    said = [
        printable(text(found, "message"), limit=300)
        for found in objects(namespace, "status", "conditions")
        if found.get("status") == "True" and text(found, "message")
    ]
    return "; ".join(["it is still being removed", *said])
