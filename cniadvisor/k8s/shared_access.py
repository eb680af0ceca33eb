"""One set of credentials for all who talk to the API server: refreshed once, not by each."""

import asyncio
import ssl
from dataclasses import dataclass, field

from cniadvisor.k8s.credentials import Credentials


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedAccess:
    """Credentials with a lock around refreshing, as :class:`cniadvisor.domain.access.ApiAccess`.

    ``proxy`` is the one in use: the kubeconfig's, else the environment's.
    """

    credentials: Credentials
    proxy: str | None = field(repr=False)
    _refreshing: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    @property
    def server(self) -> str:
        """URL of the API server without a trailing slash; may have a path."""
        return self.credentials.server

    @property
    def tls(self) -> ssl.SSLContext | None:
        """What https uses; another one after a refresh."""
        return self.credentials.tls

    @property
    def tls_server_name(self) -> str | None:
        """The name the server's certificate must hold, where it is not the URL's host."""
        return self.credentials.tls_server_name

    @property
    def user_name(self) -> str:
        """The kubeconfig user, for messages."""
        return self.credentials.user_name

    @property
    def generation(self) -> int:
        """How often the credentials were refreshed."""
        return self.credentials.generation

    async def authorization(self) -> str | None:
        """Return the Authorization header, refreshed when it is about to expire."""
        async with self._refreshing:
            return await self.credentials.authorization()

    async def refresh(self, generation: int) -> None:
        """Refresh the credentials unless another request has done it since ``generation``."""
        async with self._refreshing:
            if self.credentials.generation == generation:
                await self.credentials.refresh()
