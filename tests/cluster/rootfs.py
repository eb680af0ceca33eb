"""Root file systems of Debian for container images, made with mmdebstrap."""

import datetime
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.cluster import building
from tests.cluster.cache import cached, key_of
from tests.cluster.prerequisites import DEBIAN_KEYRING

SUITE = "trixie"
_APT = Path("/etc/apt")
_LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")
# The mirror is this machine's affair: no image carries its address.
_CLEAN = (
    'rm -rf "$1"/etc/apt/sources.list "$1"/etc/apt/sources.list.d/* '
    '"$1"/var/lib/apt/lists/* "$1"/var/cache/apt/* "$1"/var/log/* "$1"/etc/resolv.conf'
)


def base_rootfs(packages: Iterable[str] = (), without: Iterable[str] = ()) -> Path:
    """A tar of a minimal Debian with these packages; a new month brings a new one.

    What matches the patterns in ``without`` is left out, as manuals always are.
    """
    wanted = sorted(set(packages))
    left_out = (*_LEFT_OUT, *without)
    month = f"{datetime.datetime.now(datetime.UTC):%Y-%m}"
    key = key_of(SUITE, month, *wanted, _CLEAN, *left_out)
    return cached("rootfs", "rootfs.tar", key, lambda target: _bootstrap(wanted, left_out, target))


def _bootstrap(packages: list[str], left_out: Iterable[str], target: Path) -> None:
    extra = f" with {' '.join(packages)}" if packages else ""
    mirror = debian_mirror()
    options = [f"--dpkgopt=path-exclude={pattern}" for pattern in left_out]
    command = ["mmdebstrap", "--variant=minbase", "--format=tar", f"--keyring={DEBIAN_KEYRING}"]
    include = [f"--include={','.join(packages)}"] if packages else []
    command += [*options, *include, f"--customize-hook={_CLEAN}"]
    # Without a mirror of the machine's own, mmdebstrap uses Debian's default one.
    command += [SUITE, str(target), *(["-"] if mirror else [])]
    sources = f"deb {mirror} {SUITE} main\n" if mirror else ""
    with building.told(f"a root file system{extra} (a minute or two)"):
        building.run(command, scratch=target.parent, text=sources)


def debian_mirror() -> str | None:
    """The archive of Debian itself this machine uses, or None if its apt sources name none."""
    return next(_mirrors(), None)


def _mirrors() -> Iterator[str]:
    """Archives of Debian itself in the machine's apt sources, security and others left out."""
    for path in sorted(_APT.glob("sources.list.d/*.sources")):
        for stanza in path.read_text().split("\n\n"):
            fields = dict(re.findall(r"^(\S+):[ \t]*(.*)$", stanza, re.MULTILINE))
            if "debian-archive" in fields.get("Signed-By", "") and _plain(fields.get("Suites", "")):
                yield from fields.get("URIs", "").split()
    for path in [_APT / "sources.list", *sorted(_APT.glob("sources.list.d/*.list"))]:
        text = path.read_text() if path.exists() else ""
        for uri, suite in re.findall(r"^deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+(\S+)", text, re.MULTILINE):
            if "debian" in uri and _plain(suite):
                yield uri


def _plain(suites: str) -> bool:
    return bool(suites) and "security" not in suites
