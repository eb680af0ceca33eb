"""The cluster's own certificate authority and what it signs, with the openssl program."""

import secrets
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.cluster.errors import ClusterError
from tests.cluster.state import CONTROL_PLANE_ADDRESS, FIRST_SERVICE_ADDRESS, Cluster

_DAYS = "30"
_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key."""

    certificate: Path
    key: Path


@dataclass(frozen=True)
class _Request:
    name: str
    subject: str
    alternative_names: str = ""


def authority(cluster: Cluster) -> Path:
    """The certificate that clients trust."""
    return _pki(cluster) / "ca.crt"


def certificate(cluster: Cluster, name: str) -> Certificate:
    """One that was made with the cluster or with `issue`."""
    return Certificate(_pki(cluster) / f"{name}.crt", _pki(cluster) / f"{name}.key")


def create_all(cluster: Cluster) -> None:
    """The authority, the service accounts' key and every component's certificate."""
    pki = _pki(cluster)
    pki.mkdir(mode=0o700)
    usage = "keyUsage=critical,keyCertSign,cRLSign"
    _openssl("req", "-x509", *_NEW_KEY, "-keyout", pki / "ca.key", "-out", authority(cluster),
             "-days", _DAYS, "-subj", f"/CN={cluster.name}-ca", "-addext", usage)  # fmt: skip
    service_accounts = ("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
    _openssl(*service_accounts, "-out", pki / "service-accounts.key")
    _openssl("pkey", "-in", pki / "service-accounts.key", "-pubout",
             "-out", pki / "service-accounts.pub")  # fmt: skip
    requests = [*_components(), *(_node(cluster, node) for node in cluster.nodes)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(partial(_sign, cluster), requests))


def issue(cluster: Cluster, user: str, groups: tuple[str, ...] = ()) -> Certificate:
    """A client certificate for a user in these groups."""
    subject = "".join(f"/O={group}" for group in groups) + f"/CN={user}"
    _sign(cluster, _Request(f"user-{user}", subject))
    return certificate(cluster, f"user-{user}")


def _components() -> list[_Request]:
    names = ("kubernetes", "kubernetes.default", "kubernetes.default.svc", "localhost")
    addresses = ("127.0.0.1", CONTROL_PLANE_ADDRESS, FIRST_SERVICE_ADDRESS)
    alternative = ",".join([*(f"DNS:{n}" for n in names), *(f"IP:{a}" for a in addresses)])
    return [
        _Request("apiserver", "/CN=kube-apiserver", alternative),
        _Request("admin", "/O=system:masters/CN=admin"),
        _Request("kubelet-client", "/O=system:masters/CN=apiserver-kubelet-client"),
        _Request("front-proxy", "/CN=front-proxy"),
        _Request("controller-manager", "/CN=system:kube-controller-manager"),
        _Request("scheduler", "/CN=system:kube-scheduler"),
        _Request("kube-proxy", "/CN=system:kube-proxy"),
    ]


def _node(cluster: Cluster, node: str) -> _Request:
    alternative = f"DNS:{node},IP:{cluster.address(node)}"
    return _Request(node, f"/O=system:nodes/CN=system:node:{node}", alternative)


def _sign(cluster: Cluster, request: _Request) -> None:
    pki, signed = _pki(cluster), certificate(cluster, request.name)
    wanted, extensions = pki / f"{request.name}.csr", pki / f"{request.name}.extensions"
    extensions.write_text(
        "basicConstraints=critical,CA:FALSE\n"
        "keyUsage=critical,digitalSignature\n"
        "extendedKeyUsage=serverAuth,clientAuth\n"
        "subjectKeyIdentifier=hash\n"
        "authorityKeyIdentifier=keyid\n"
        + (f"subjectAltName={request.alternative_names}\n" if request.alternative_names else "")
    )
    _openssl("req", *_NEW_KEY, "-keyout", signed.key, "-out", wanted, "-subj", request.subject)
    _openssl("x509", "-req", "-in", wanted, "-CA", authority(cluster), "-CAkey", pki / "ca.key",
             "-set_serial", f"0x{secrets.token_hex(8)}", "-days", _DAYS,
             "-extfile", extensions, "-out", signed.certificate)  # fmt: skip


def _openssl(*arguments: str | Path) -> None:
    done = subprocess.run(
        ["openssl", *map(str, arguments)], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    if done.returncode != 0:
        raise ClusterError(f"openssl {arguments[0]} failed: {done.stderr[-500:]}")


def _pki(cluster: Cluster) -> Path:
    return cluster.directory / "pki"
