"""How a client of another library is let in at the API server: the credentials one connection uses.

The seam between the room that loads and refreshes credentials and the one that reads metrics;
neither knows the other's HTTP library.
"""

import ssl
from typing import Protocol


class ApiAccess(Protocol):
    """Where the API server is and how to be let in. What it returns goes to that server only."""

    @property
    def server(self) -> str:
        """URL of the API server without a trailing slash; may have a path."""
        ...

    @property
    def proxy(self) -> str | None:
        """URL of the proxy on the way there, or None. No other proxy may be used."""
        ...

    @property
    def tls(self) -> ssl.SSLContext | None:
        """What https uses, client certificate included; another one after a refresh."""
        ...

    @property
    def tls_server_name(self) -> str | None:
        """The name the server's certificate must hold, where it is not the URL's host."""
        ...

    @property
    def user_name(self) -> str:
        """The kubeconfig user, for messages."""
        ...

    @property
    def generation(self) -> int:
        """How often the credentials were refreshed."""
        ...

    async def authorization(self) -> str | None:
        """Return the Authorization header, refreshed when it is about to expire.

        Raises:
            CniAdvisorError: refreshing failed.
        """
        ...

    async def refresh(self, generation: int) -> None:
        """Refresh the credentials (after a 401) unless somebody did since ``generation``.

        Raises:
            CniAdvisorError: refreshing failed.
        """
        ...
