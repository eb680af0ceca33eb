"""One end of one path: a pod."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from itertools import count

from cniadvisor.bench.endpoints import Command, RunningCommand, Service
from cniadvisor.domain.measurement import PathName, Role
from cniadvisor.k8s.connection import Connection
from cniadvisor.k8s.exec import Container, run_in
from cniadvisor.k8s.logs import following_counters
from cniadvisor.k8s.manifests import SAMPLER_CONTAINER

__all__ = ["PodEndpoint"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PodEndpoint:
    """A pod as an :class:`~cniadvisor.bench.endpoints.Endpoint`.

    Attributes:
        container: where commands run.
        closed: set when the target closes; it ends :meth:`counters`.
    """

    role: Role
    path: PathName
    node: str
    address: str
    ports: Mapping[Service, int]
    connection: Connection
    container: Container
    closed: asyncio.Event
    _runs: "count[int]" = field(default_factory=lambda: count(1))

    def start(self, command: Command) -> AbstractAsyncContextManager[RunningCommand]:
        """Start a command; see the protocol."""
        return run_in(self.connection, self.container, command, run_name=str(next(self._runs)))

    def counters(self) -> AsyncIterator[bytes]:
        """Yield the sampler's lines; see the protocol."""
        sampler = replace(self.container, name=SAMPLER_CONTAINER)
        return following_counters(self.connection, sampler, self.closed)
