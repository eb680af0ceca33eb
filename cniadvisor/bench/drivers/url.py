"""URLs of the servers."""

from cniadvisor.bench.endpoints import Endpoint, Service


def url_of(scheme: str, server: Endpoint, service: Service, path: str) -> str:
    """Return the URL of ``path`` at a server; an IPv6 address stands in brackets."""
    host = f"[{server.address}]" if ":" in server.address else server.address
    return f"{scheme}://{host}:{server.ports[service]}/{path}"
