"""Creating a run's objects: what is refused, asked again, or there already."""

import asyncio
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from cniadvisor.domain.errors import AccessError, ClusterError
from cniadvisor.domain.inventory import JsonObject
from cniadvisor.domain.measurement import PathName
from cniadvisor.k8s.api_errors import ConflictError, InvalidError, NotFoundError, RefusedError
from cniadvisor.k8s.connection import Connection
from cniadvisor.k8s.manifests import credentials, run_namespace
from cniadvisor.k8s.objects import objects, text
from cniadvisor.k8s.opening import End
from cniadvisor.k8s.removal import is_ours
from cniadvisor.k8s.retrying import AWAY_S, persistently

__all__ = ["CreatedJobs", "Creation"]

_SERVICE_ACCOUNT_S = 10.0
_LOOK_AGAIN_S = 0.1
_NAMESPACES = "/api/v1/namespaces"
_NAMESPACE_HINT = "use a namespace that exists, with --namespace"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedJobs:
    """Jobs as the API server made them, and the paths it refused, in its words."""

    jobs: Mapping[End, JsonObject]
    refused: Mapping[PathName, str]


class Creation:
    """Creates one run's objects and keeps in mind whether there may be something to remove.

    Everything is asked again while the API server is away for some seconds. Every method raises
    AccessError for a missing right, and ClusterError when the API server stays away, refuses, or
    has an object of that name which is not this run's.
    """

    def __init__(self, connection: Connection, *, run_id: str, namespace: str) -> None:
        self._connection = connection
        self._run_id = run_id
        self._namespace = namespace
        self._may_exist: set[str] = set()

    @property
    def left_something(self) -> bool:
        """Whether there may be something of the run in the cluster."""
        return bool(self._may_exist)

    def forget(self) -> None:
        """Everything was removed."""
        self._may_exist.clear()

    async def create_namespace(self, paths: tuple[PathName, ...]) -> None:
        """Create the run's own namespace and wait until pods may be made in it."""
        try:
            await self._create(_NAMESPACES, run_namespace(self._run_id, paths))
        except AccessError as error:
            raise AccessError(error.message, right=error.right, hint=_NAMESPACE_HINT) from None
        except RefusedError as error:
            raise ClusterError(error.message, hint=_NAMESPACE_HINT) from None
        await self._until_pods_may_be_made()

    async def create_jobs(self, wanted: Mapping[End, JsonObject]) -> CreatedJobs:
        """Create the Jobs; return them as made, and the paths that are refused at once."""
        path = f"/apis/batch/v1/namespaces/{self._namespace}/jobs"
        outcomes = await asyncio.gather(
            *(self._create(path, job) for job in wanted.values()),
            return_exceptions=True,
        )
        jobs: dict[End, JsonObject] = {}
        refused: dict[PathName, str] = {}
        for end, outcome in zip(wanted, outcomes, strict=True):
            if end[1] is PathName.HOST and isinstance(outcome, (InvalidError, RefusedError)):
                refused[PathName.HOST] = outcome.message
            elif isinstance(outcome, BaseException):
                raise outcome
            else:
                jobs[end] = outcome
        return CreatedJobs(jobs=jobs, refused=refused)

    async def create_credentials(
        self, jobs: Mapping[End, JsonObject], paths: Iterable[PathName]
    ) -> None:
        """Create each path's password, owned by its Jobs: it must not stay longer than they do.

        So the Jobs come first. Their pods wait for it, if they are there already.
        """
        place = f"/api/v1/namespaces/{self._namespace}/secrets"
        for path in paths:
            owners = tuple(job for end, job in jobs.items() if end[1] is path)
            if owners:
                secret = credentials(
                    self._run_id,
                    self._namespace,
                    path,
                    password=secrets.token_hex(16),
                    owners=owners,
                )
                # What exists already is ours, its answer was lost: no Secret is ever read.
                with suppress(ConflictError):
                    await persistently(
                        partial(self._connection.create, place, secret), for_s=AWAY_S
                    )

    async def _until_pods_may_be_made(self) -> None:
        """Wait for the new namespace's service account; before that, each pod is refused."""
        path = f"/api/v1/namespaces/{self._namespace}/serviceaccounts/default"
        with suppress(TimeoutError, AccessError):
            # Without the right to look, the Job controller's own retries do.
            async with asyncio.timeout(_SERVICE_ACCOUNT_S):
                while True:
                    with suppress(NotFoundError):
                        await self._connection.get(path)
                        return
                    await asyncio.sleep(_LOOK_AGAIN_S)

    async def _create(self, path: str, manifest: JsonObject) -> JsonObject:
        """Create an object, keeping in mind that there may be something to remove from now on.

        A name holds the run's id, so what exists already is this run's, from a request whose
        answer was lost, or a stranger's.
        """
        place = f"{path}/{text(manifest, 'metadata', 'name')}"
        self._may_exist.add(place)
        try:
            return await persistently(
                partial(self._connection.create, path, manifest), for_s=AWAY_S
            )
        except ConflictError:
            found = await persistently(
                partial(self._existing, path, text(manifest, "metadata", "name")), for_s=AWAY_S
            )
            if not is_ours(found, self._run_id):
                raise ClusterError(
                    f"{place} exists already and is not this run's",
                    hint="run it again: the next run has other names",
                ) from None
            return found
        except (AccessError, InvalidError, NotFoundError, RefusedError):
            self._may_exist.discard(place)
            raise

    async def _existing(self, path: str, name: str) -> JsonObject:
        """Return the object of that name; asked for in the way our roles grant for its kind."""
        if path == _NAMESPACES:
            return await self._connection.get(f"{path}/{name}")
        named = {"fieldSelector": f"metadata.name={name}"}
        listed = await self._connection.listed(path, named)
        for found in objects(listed, "items"):
            return found
        raise NotFoundError(
            f"{path}/{name} was there and is gone again",
            hint="somebody else deletes Jobs in this namespace",
        )
