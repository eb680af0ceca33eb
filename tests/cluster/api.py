"""The Kubernetes API over plain REST: enough to set up a cluster and to look at it."""

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from tests.cluster import certificates
from tests.cluster.errors import ClusterError
from tests.cluster.state import Cluster

Json = dict[str, Any]
_SECONDS = 15


class ApiError(ClusterError):
    """The API server refused; `status` is its HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Api:
    """One user's connection to the API server."""

    def __init__(self, server: str, trust: ssl.SSLContext) -> None:
        self._server = server
        # No proxy: the API server is on this machine.
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust)
        )
        self._resources: dict[tuple[str, str], tuple[str, bool]] = {}

    def get(self, path: str) -> Json:
        """The object or list at this path."""
        return json.loads(self._send("GET", path))

    def items(self, path: str) -> list[Json]:
        """The items of the list at this path."""
        return self.get(path)["items"]

    def answers(self, path: str) -> bool:
        """Whether the path can be read just now."""
        try:
            self._send("GET", path)
        except (ApiError, OSError):
            return False
        return True

    def apply(self, resource: Mapping[str, Any]) -> Json:
        """Server-side apply: make the object, or make it look like this."""
        path = f"{self._path(resource)}?fieldManager=cniadvisor-test&force=true"
        return json.loads(self._send("PATCH", path, "application/apply-patch+yaml", resource))

    def delete(self, path: str, grace_seconds: int | None = None) -> None:
        """Delete what is at this path; it may be gone already."""
        options = {} if grace_seconds is None else {"gracePeriodSeconds": grace_seconds}
        try:
            self._send("DELETE", path, "application/json", options)
        except ApiError as error:
            if error.status != 404:
                raise

    def _path(self, resource: Mapping[str, Any]) -> str:
        version, kind = resource["apiVersion"], resource["kind"]
        base = f"/apis/{version}" if "/" in version else f"/api/{version}"
        if (version, kind) not in self._resources:
            for known in self.get(base)["resources"]:
                if "/" not in known["name"]:
                    self._resources[version, known["kind"]] = known["name"], known["namespaced"]
        plural, namespaced = self._resources[version, kind]
        metadata = resource["metadata"]
        space = f"/namespaces/{metadata.get('namespace', 'default')}" if namespaced else ""
        return f"{base}{space}/{plural}/{metadata['name']}"

    def _send(
        self, method: str, path: str, content_type: str = "", body: Mapping[str, Any] | None = None
    ) -> bytes:
        request = urllib.request.Request(
            self._server + path,
            method=method,
            headers={"Content-Type": content_type} if content_type else {},
            data=None if body is None else json.dumps(body).encode(),
        )
        try:
            with self._opener.open(request, timeout=_SECONDS) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            with error:
                text = error.read().decode(errors="replace")[:500]
            raise ApiError(error.code, f"{method} {path}: {error.code} {text}") from None


def api_of(cluster: Cluster, identity: str) -> Api:
    """The connection of a user with a certificate, from the machine's own network namespace."""
    own = certificates.certificate(cluster, identity)
    trust = ssl.create_default_context(cafile=certificates.authority(cluster))
    trust.load_cert_chain(own.certificate, own.key)
    return Api(f"https://127.0.0.1:{cluster.port}", trust)


def admin_api(cluster: Cluster) -> Api:
    """The administrator's connection."""
    return api_of(cluster, "admin")
