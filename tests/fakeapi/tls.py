"""Certificates for the fake API server, made with the openssl program."""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True, kw_only=True)
class ServerTls:
    """A server certificate with its key, the authority that signed it, and a client's pair.

    ``wants_client_certificate`` makes the server refuse clients without one of the authority.
    """

    authority: Path
    certificate: Path
    key: Path
    client_certificate: Path
    client_key: Path
    wants_client_certificate: bool = False

    def server_context(self) -> ssl.SSLContext:
        """Return what the server listens with."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=self.authority)
        context.load_cert_chain(self.certificate, self.key)
        if self.wants_client_certificate:
            context.verify_mode = ssl.CERT_REQUIRED
        return context


def make_tls(
    directory: Path,
    *,
    names: str = "IP:127.0.0.1,DNS:localhost",
    expired: bool = False,
    wants_client_certificate: bool = False,
) -> ServerTls:
    """Make an authority, a server certificate for ``names`` and a client certificate."""
    directory.mkdir(parents=True, exist_ok=True)
    authority, authority_key = directory / "ca.crt", directory / "ca.key"
    _openssl("req", "-x509", *_NEW_KEY, "-keyout", authority_key, "-out", authority,
             "-days", "30", "-subj", "/CN=fake-ca",
             "-addext", "keyUsage=critical,keyCertSign,cRLSign")  # fmt: skip
    days = "-1" if expired else "30"
    server = _signed(directory, "server", "/CN=fake-apiserver", f"subjectAltName={names}", days)
    client = _signed(directory, "client", "/O=testers/CN=test", "extendedKeyUsage=clientAuth", "30")
    return ServerTls(
        authority=authority,
        certificate=server[0],
        key=server[1],
        client_certificate=client[0],
        client_key=client[1],
        wants_client_certificate=wants_client_certificate,
    )


def _signed(
    directory: Path, name: str, subject: str, extension: str, days: str
) -> tuple[Path, Path]:
    key, request = directory / f"{name}.key", directory / f"{name}.csr"
    certificate, extensions = directory / f"{name}.crt", directory / f"{name}.ext"
    extensions.write_text(extension)
    _openssl("req", *_NEW_KEY, "-keyout", key, "-out", request, "-subj", subject)
    _openssl("x509", "-req", "-in", request, "-CA", directory / "ca.crt",
             "-CAkey", directory / "ca.key", "-CAcreateserial", "-days", days,
             "-extfile", extensions, "-out", certificate)  # fmt: skip
    return certificate, key


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
