"""What apt is told, and how what it says is understood."""

from pathlib import Path

import pytest

from cniadvisor.lab.archive import (
    DEFAULT_MIRROR,
    Trouble,
    apt_configuration,
    mirror_in,
    packages_in,
    size_in,
    source_line,
    trouble_in,
)
from cniadvisor.resources import benchmarks

SOURCES = """\
Types: deb
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""


def test_the_packages_are_those_of_the_image() -> None:
    packages = packages_in((benchmarks() / "Containerfile").read_text())
    assert {"iperf3", "nginx-light", "vsftpd", "openssh-server", "sockperf"} <= set(packages)
    assert not any("/" in package or package.startswith("-") for package in packages)


@pytest.mark.parametrize(
    "text",
    ["FROM debian\n", "RUN apt-get install --yes\n", "RUN apt-get install --yes $PACKAGES\n"],
)
def test_a_containerfile_without_packages_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no list of packages"):
        packages_in(text)


@pytest.mark.parametrize(
    ("deb822", "one_line", "mirror"),
    [
        ([SOURCES], [], "http://mirror.example/debian"),
        ([], ["deb http://near.example/debian bookworm main\n"], "http://near.example/debian"),
        (
            [],
            ["deb [arch=amd64 signed-by=/x] https://near.example/debian trixie main\n"],
            "https://near.example/debian",
        ),
        ([], ["deb http://near.example/debian-security bookworm-security main\n"], DEFAULT_MIRROR),
        ([], ["# deb http://near.example/debian bookworm main\n"], DEFAULT_MIRROR),
        ([], ["deb http://archive.example/ubuntu noble main\n"], DEFAULT_MIRROR),
        (["Types: deb\nURIs: http://archive.example/ubuntu\nSuites: noble\n"], [], DEFAULT_MIRROR),
        ([SOURCES.replace("Types: deb", "Enabled: no\nTypes: deb")], [], DEFAULT_MIRROR),
        ([], [], DEFAULT_MIRROR),
    ],
)
def test_the_machines_own_mirror_of_debian_is_used(
    deb822: list[str], one_line: list[str], mirror: str
) -> None:
    assert mirror_in(deb822, one_line) == mirror


def test_only_debians_own_signature_counts() -> None:
    assert source_line(DEFAULT_MIRROR) == (
        "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] "
        "http://deb.debian.org/debian trixie main\n"
    )


def test_apt_keeps_to_its_folder_but_knows_the_proxy() -> None:
    machine = 'Acquire::http::Proxy "http://proxy:3128";\nAcquire::IndexTargets::deb::DEP-11 "";\n'
    text = apt_configuration(Path("/cache/x"), machine)
    assert text.startswith('Acquire::http::Proxy "http://proxy:3128";\n')
    assert "IndexTargets" not in text
    assert 'Dir::State::status "/cache/x/status";' in text
    assert 'Dir::Etc::parts "/dev/null";' in text
    assert "AllowUnauthenticated" not in text


def test_sizes_are_summed() -> None:
    printed = (
        "'http://mirror.example/a_1_amd64.deb' a_1_amd64.deb 1000 SHA256:aa\n"
        "'http://mirror.example/b_2_all.deb' b_2_all.deb 234 SHA256:bb\n"
    )
    assert size_in(printed) == (2, 1234)


@pytest.mark.parametrize(
    ("said", "trouble"),
    [
        ("Err:1 http://x trixie InRelease\n  Temporary failure resolving 'x'", Trouble.NETWORK),
        ("W: Failed to fetch http://x/InRelease  Could not connect to x:80", Trouble.NETWORK),
        ("E: The repository 'http://x trixie InRelease' is not signed.", Trouble.SIGNATURE),
        ("W: GPG error: signatures couldn't be verified: NO_PUBKEY 0E98", Trouble.SIGNATURE),
        (
            "W: OpenPGP signature verification failed: Sub-process /usr/bin/sqv returned an error "
            "code (1), error message is: Missing key 4D64",
            Trouble.SIGNATURE,
        ),
        ("E: You don't have enough free space in /x/archives/.", Trouble.SPACE),
        ("dpkg-deb: error: tar: write error: No space left on device", Trouble.SPACE),
        ("E: Unable to locate package sockperf", Trouble.OTHER),
    ],
)
def test_trouble_is_told_apart(said: str, trouble: Trouble) -> None:
    assert trouble_in(said) is trouble
