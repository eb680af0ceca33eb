"""Rights in words, from a request or from the API server's refusal."""

import pytest

from cniadvisor.k8s.rights import right_of, right_said


@pytest.mark.parametrize(
    ("method", "path", "right"),
    [
        ("GET", "/api/v1/nodes", "list nodes"),
        ("GET", "/api/v1/nodes/n1", "get nodes"),
        ("GET", "/api/v1/nodes?limit=500", "list nodes"),
        ("GET", "/api/v1/namespaces", "list namespaces"),
        ("GET", "/api/v1/namespaces/x", "get namespaces"),
        ("GET", "/api/v1/namespaces/x/status", "get namespaces/status"),
        ("DELETE", "/api/v1/namespaces/x", "delete namespaces"),
        ("PUT", "/api/v1/namespaces/x/finalize", "update namespaces/finalize"),
        ("GET", "/api/v1/namespaces/x/pods", "list pods in namespace x"),
        ("POST", "/api/v1/namespaces/x/pods", "create pods in namespace x"),
        ("DELETE", "/api/v1/namespaces/x/pods", "deletecollection pods in namespace x"),
        ("GET", "/api/v1/namespaces/x/pods/p/log", "get pods/log in namespace x"),
        ("GET", "/api/v1/namespaces/x/pods/p/exec", "create pods/exec in namespace x"),
        ("GET", "/apis/apps/v1/daemonsets", "list daemonsets.apps"),
        ("PATCH", "/apis/batch/v1/namespaces/x/jobs/j", "patch jobs.batch in namespace x"),
        ("GET", "/apis/crd.projectcalico.org/v1/ippools", "list ippools.crd.projectcalico.org"),
        ("GET", "/version", "get /version"),
        ("GET", "/apis", "get /apis"),
        ("GET", "/apis/cilium.io/v2", "get /apis/cilium.io/v2"),
    ],
)
def test_right_of_a_request(method: str, path: str, right: str) -> None:
    assert right_of(method, path) == right


def test_a_watch_needs_watch() -> None:
    assert right_of("GET", "/api/v1/pods", {"watch": "true"}) == "watch pods"
    assert right_of("GET", "/api/v1/pods", {"watch": "0"}) == "list pods"


@pytest.mark.parametrize(
    ("message", "right"),
    [
        (
            'nodes is forbidden: User "bob" cannot list resource "nodes" in API group "" '
            "at the cluster scope",
            "list nodes",
        ),
        (
            'pods "p" is forbidden: User "bob" cannot get resource "pods/exec" in API group "" '
            'in the namespace "x"',
            "get pods/exec in namespace x",
        ),
        (
            'daemonsets.apps is forbidden: User "bob" cannot list resource "daemonsets" in API '
            'group "apps" in the namespace "x": RBAC: role "y" not found',
            "list daemonsets.apps in namespace x",
        ),
        ('forbidden: User "bob" cannot get path "/version"', "get /version"),
        ('pods "p" is forbidden: exceeded quota: q, requested: cpu=1', None),
        ("admission webhook denied the request: you cannot do that here", None),
        ("", None),
    ],
)
def test_right_in_the_servers_words(message: str, right: str | None) -> None:
    assert right_said(message) == right
