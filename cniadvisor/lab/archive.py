"""What apt is told, and what it says: pure text.

apt resolves, fetches and checks signatures as always, but with folders of its own and as if nothing
were installed. So nothing is installed on the machine, and no right is needed.
"""

import re
from collections.abc import Iterable, Iterator
from enum import Enum, auto
from pathlib import Path

__all__ = [
    "DEFAULT_MIRROR",
    "KEYRING",
    "SUITE",
    "Trouble",
    "apt_configuration",
    "mirror_in",
    "packages_in",
    "size_in",
    "source_line",
    "trouble_in",
]

SUITE = "trixie"
DEFAULT_MIRROR = "http://deb.debian.org/debian"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")

_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+")


def packages_in(containerfile: str) -> tuple[str, ...]:
    """Return the packages that a Containerfile installs with apt-get.

    Raises:
        ValueError: it holds no such list.
    """
    joined = containerfile.replace("\\\n", " ")
    found = re.search(r"apt-get install ([^&|;\n]+)", joined)
    words = found[1].split() if found else []
    packages = tuple(word for word in words if not word.startswith("-"))
    if not packages or not all(_PACKAGE.fullmatch(package) for package in packages):
        raise ValueError("the Containerfile has no list of packages for apt-get install")
    return packages


def mirror_in(deb822: Iterable[str], one_line: Iterable[str]) -> str:
    """Return the archive of Debian itself that apt's sources name; without one Debian's own.

    Args:
        deb822: texts of ``*.sources`` files.
        one_line: texts of ``*.list`` files.
    """
    named = (*_in_stanzas(deb822), *_in_lines(one_line))
    return next((mirror for mirror in named if _is_plain_word(mirror)), DEFAULT_MIRROR)


def _in_stanzas(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for stanza in re.split(r"\n\s*\n", text):
            fields = dict(re.findall(r"^(\S+):[ \t]*(.*)$", stanza, re.MULTILINE))
            suites = fields.get("Suites", "")
            by_debian = "debian-archive" in fields.get("Signed-By", "")
            if by_debian and suites and "security" not in suites and fields.get("Enabled") != "no":
                yield from fields.get("URIs", "").split()


def _in_lines(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        lines = re.findall(r"^deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+(\S+)", text, re.MULTILINE)
        for address, suite in lines:
            if re.search(r"/debian/?$", address) and "security" not in suite:
                yield address


def _is_plain_word(mirror: str) -> bool:
    return re.fullmatch(r"[a-z0-9+]+:[!-~]+", mirror) is not None


def source_line(mirror: str) -> str:
    """Return the one source that is used, with the keys its signature must be from."""
    return f"deb [signed-by={KEYRING}] {mirror} {SUITE} main\n"


def apt_configuration(folder: Path, acquire: str) -> str:
    """Return the configuration that keeps apt within ``folder``.

    Args:
        folder: made for apt; sources.list lies in it.
        acquire: what ``apt-config dump Acquire`` prints. Of it only the way to archives is taken
            (proxies, certificates). The rest of the machine's configuration is left out: its hooks
            may touch the machine, and it may ask for indexes nobody needs here.
    """
    settings = {
        "Dir::Etc::main": "/dev/null",
        "Dir::Etc::parts": "/dev/null",
        "Dir::Etc::sourcelist": f"{folder}/sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferences": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "Dir::State": f"{folder}/state",
        "Dir::State::status": f"{folder}/status",
        "Dir::Cache": f"{folder}/cache",
        "Dir::Log": f"{folder}/log",
        "Acquire::Languages": "none",
        "Acquire::Retries": "2",
        "Acquire::http::Timeout": "15",
        "Acquire::https::Timeout": "15",
        "APT::Install-Recommends": "false",
        # It would be an account that can't write to our folder.
        "APT::Sandbox::User": "",
        "Debug::NoLocking": "true",
    }
    ours = "".join(f'{key} "{value}";\n' for key, value in settings.items())
    way = re.findall(r"^Acquire::(?:https?|ForceIPv[46])\b.*\n", acquire, re.MULTILINE)
    return "".join(way) + ours


def size_in(printed: str) -> tuple[int, int]:
    """Return how many packages, and how many bytes, ``apt-get --print-uris`` lists.

    A line of it: ``'http://.../x_1_amd64.deb' x_1_amd64.deb 1234 SHA256:...``.
    """
    sizes = [int(size) for size in re.findall(r"^'[^']*' \S+ (\d+)\b", printed, re.MULTILINE)]
    return len(sizes), sum(sizes)


class Trouble(Enum):
    """What kept apt or dpkg-deb from their work."""

    NETWORK = auto()
    SIGNATURE = auto()
    SPACE = auto()
    OTHER = auto()


_SIGNS = (
    (Trouble.SPACE, ("no space left", "enough free space", "disk quota")),
    (Trouble.SIGNATURE, ("no_pubkey", "not signed", "signatures", "missing key", "gpgv", "sqv")),
    (
        Trouble.NETWORK,
        (
            "could not resolve",
            "temporary failure",
            "failed to fetch",
            "unable to connect",
            "could not connect",
            "connection failed",
            "timed out",
            "network is unreachable",
            "certificate",
            "proxy",
        ),
    ),
)


def trouble_in(said: str) -> Trouble:
    """Return what it was, from what the program said (in English)."""
    lower = said.lower()
    return next(
        (trouble for trouble, signs in _SIGNS if any(sign in lower for sign in signs)),
        Trouble.OTHER,
    )
