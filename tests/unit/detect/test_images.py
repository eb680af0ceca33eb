"""Image references and versions."""

import pytest

from cniadvisor.detect.images import parse_image, release, version_of


@pytest.mark.parametrize(
    ("reference", "path", "name", "tag", "digest"),
    [
        ("flannel", "flannel", "flannel", None, None),
        ("docker.io/flannel/flannel:v1", "flannel/flannel", "flannel", "v1", None),
        ("localhost:5000/a/b:c@sha256:00", "a/b", "b", "c", "sha256:00"),
        ("quay.io/cilium/Cilium@sha256:00", "cilium/cilium", "cilium", None, "sha256:00"),
        ("calico/node:v3", "calico/node", "node", "v3", None),
        ("", "", "", None, None),
        (":::", "", "", "::", None),
    ],
)
def test_parse(reference: str, path: str, name: str, tag: str | None, digest: str | None) -> None:
    image = parse_image(reference)
    assert (image.path, image.name, image.tag, image.digest) == (path, name, tag, digest)


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        ("v3.32.1", "3.32.1"),
        ("3.32.1", "3.32.1"),
        ("v3.32", "3.32"),
        ("v3.32.1-build2026081900", "3.32.1"),
        ("v1.23.0-eksbuild.1", "1.23.0"),
        ("v1.15.6-gke.14", "1.15.6"),
        ("v1.20.0-rc.1", "1.20.0-rc.1"),
        ("v1.20.0-rc.1-build5", "1.20.0-rc.1"),
        ("v20260528-9350166c", "20260528-9350166c"),
        ("snapshot-thick", None),
        ("latest", None),
        ("v3", None),
        ("2026-01-02", None),
        ("", None),
        (None, None),
        ("v" + "1." * 500, None),
    ],
)
def test_version(tag: str | None, version: str | None) -> None:
    assert version_of(tag) == version


def test_release_compares() -> None:
    assert release("1.9.3") < release("1.14.0-rc.1") < release("1.20")
    assert release(None) == ()
