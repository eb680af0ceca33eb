"""Which proxy the environment names for an API server, by the rules kubectl follows."""

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit


def proxy_from_environment(url: str, environ: Mapping[str, str]) -> str | None:
    """Return the proxy URL for ``url`` from HTTPS_PROXY / HTTP_PROXY / NO_PROXY, or None.

    Loopback is never proxied; NO_PROXY may hold names, ``.domains``, ``host:port``, addresses,
    CIDRs and ``*`` (golang.org/x/net/http/httpproxy, which kubectl uses).
    """
    parts = urlsplit(url)
    host, port = (parts.hostname or "").lower(), parts.port
    name = f"{parts.scheme}_proxy"
    proxy = environ.get(name.upper()) or environ.get(name) or ""
    if not proxy or host == "localhost":
        return None
    address = _address(host)
    if address is not None and address.is_loopback:
        return None
    excluded = environ.get("NO_PROXY") or environ.get("no_proxy") or ""
    for entry in (part.strip().lower() for part in excluded.split(",")):
        if entry and _excludes(entry, host, port or (443 if parts.scheme == "https" else 80)):
            return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _excludes(entry: str, host: str, port: int) -> bool:
    if entry == "*":
        return True
    address = _address(host)
    if address is not None:
        try:
            return address in ipaddress.ip_network(entry, strict=False)
        except ValueError:
            return entry in {f"{host}:{port}", f"[{host}]:{port}"}
    name, _, wanted = entry.partition(":")
    if wanted and wanted != str(port):
        return False
    name = name.removeprefix("*")
    if name.startswith("."):
        return host.endswith(name)
    return host == name or host.endswith(f".{name}")


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
