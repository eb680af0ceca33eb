"""Names the right a request needs, as ``verb resource``, from its method and path."""

import re
from collections.abc import Mapping

_SAID = re.compile(
    r"\bcannot (?P<verb>[a-z]+) "
    r"(?:resource \"(?P<resource>[^\"]+)\" in API group \"(?P<group>[^\"]*)\""
    r"(?: in the namespace \"(?P<namespace>[^\"]+)\")?|path \"(?P<path>[^\"]+)\")"
)
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


def right_of(method: str, path: str, query: Mapping[str, str] | None = None) -> str:
    """Return the right that ``method`` on ``path`` needs, in words RBAC uses.

    ``list nodes``, ``create pods/exec in namespace x``, ``list ippools.crd.projectcalico.org``;
    for a path that is no resource (``/version``, ``/apis``) ``get /version``. An exec over a
    websocket is a GET on the wire; ``create`` is what current API servers ask for.

    Source: the API server's RequestInfo rules (kubernetes.io/docs/reference/access-authn-authz/
    authorization/#determine-the-request-verb).
    """
    group, parts = _split(path)
    if parts is None:
        return f"{_VERBS.get(method.upper(), 'get')} {path}"
    namespace = ""
    # /namespaces/x/status and /namespaces/x/finalize are about the namespace itself.
    if parts[0] == "namespaces" and len(parts) > 2 and parts[2] not in {"status", "finalize"}:
        namespace, parts = parts[1], parts[2:]
    resource = parts[0]
    if len(parts) > 2:
        resource += "/" + parts[2]
    qualified = f"{resource}.{group}" if group else resource
    verb = _verb(method.upper(), parts, query or {})
    return f"{verb} {qualified}" + (f" in namespace {namespace}" if namespace else "")


def right_said(message: str) -> str | None:
    """Return the right that an API server's own refusal names; None when it names none.

    It knows better than :func:`right_of` what it asked its authorizer: for an exec over a
    websocket that is ``get`` before Kubernetes 1.35, ``get`` and ``create`` since then.
    """
    said = _SAID.search(message)
    if said is None:
        return None
    if said["path"]:
        return f"{said['verb']} {said['path']}"
    qualified = said["resource"] + (f".{said['group']}" if said["group"] else "")
    inside = f" in namespace {said['namespace']}" if said["namespace"] else ""
    return f"{said['verb']} {qualified}{inside}"


def _split(path: str) -> tuple[str, list[str] | None]:
    """Return API group and the parts below group and version; None when it is no resource."""
    parts = [part for part in path.split("?")[0].split("/") if part]
    if len(parts) > 2 and parts[0] == "api":
        return "", parts[2:]
    if len(parts) > 3 and parts[0] == "apis":
        return parts[1], parts[3:]
    return "", None


def _verb(method: str, parts: list[str], query: Mapping[str, str]) -> str:
    named = len(parts) > 1
    if method in {"GET", "HEAD"}:
        if len(parts) > 2 and parts[2] in {"exec", "attach", "portforward"}:
            return "create"
        if query.get("watch") in {"1", "true"}:
            return "watch"
        return "get" if named else "list"
    if method == "DELETE" and not named:
        return "deletecollection"
    return _VERBS.get(method, method.lower())
