"""What ships beside the package is found in a checkout and in an installed wheel."""

import re
from pathlib import Path

import pytest

from cniadvisor import resources
from cniadvisor.domain.errors import UsageError


def pretend_package(monkeypatch: pytest.MonkeyPatch, package: object) -> None:
    def files(name: str) -> object:
        assert name == "cniadvisor"
        return package

    monkeypatch.setattr(resources, "files", files)


def test_a_checkout_has_it_beside_the_package() -> None:
    folder = resources.benchmarks()
    assert (folder / "Containerfile").is_file()
    assert {path.name.removeprefix("cniadvisor-") for path in (folder / "image").iterdir()} == {
        *("data", "ftp-config", "h2load", "idle", "object", "ports", "run", "sampler", "scp"),
        *("serve", "serving", "share", "ssh-allow", "ssh-key", "ssh-known", "stop"),
    }
    assert {path.name for path in (folder / "image" / "share").iterdir()} == {
        *("nginx.conf", "sshd_config", "vsftpd.conf", "wrk.lua"),
    }


def test_every_page_that_is_named_to_a_user_ships() -> None:
    package = Path(resources.__file__).parent
    named = {
        page
        for file in package.rglob("*.py")
        for page in re.findall(r"docs/(\w+\.md)", file.read_text(encoding="utf-8"))
    }
    assert {"method.md", "advisor.md"} <= named
    assert named <= {page.name for page in resources.documentation().iterdir()}


def test_a_wheel_has_it_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "cniadvisor" / "_shipped" / "benchmarks"
    beside = tmp_path / "benchmarks"  # some other package's, in site-packages
    for folder in (inside, beside):
        folder.mkdir(parents=True)
        (folder / "Containerfile").touch()
    pretend_package(monkeypatch, tmp_path / "cniadvisor")
    assert resources.benchmarks() == inside


@pytest.mark.parametrize("archived", [True, False])
def test_an_installation_without_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, archived: bool
) -> None:
    pretend_package(monkeypatch, object() if archived else tmp_path / "cniadvisor")
    with pytest.raises(UsageError, match="lacks its benchmarks folder"):
        resources.benchmarks()
