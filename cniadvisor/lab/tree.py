"""What unpacked packages lack because none of their scripts ran, and what is ours in the tree."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from cniadvisor.lab.view import MOUNT_POINTS, SERVER_ID

__all__ = ["complete_tree"]

_ALTERNATIVES: Mapping[str, str] = {
    "usr/bin/awk": "mawk",
    "usr/sbin/iptables": "iptables-nft",
    "usr/sbin/iptables-save": "iptables-nft-save",
    "usr/sbin/iptables-restore": "iptables-nft-restore",
    "usr/sbin/ip6tables": "ip6tables-nft",
    "usr/sbin/ip6tables-save": "ip6tables-nft-save",
    "usr/sbin/ip6tables-restore": "ip6tables-nft-restore",
}
"""What update-alternatives would have linked, as Debian chooses by itself."""

_FILES: Mapping[str, str] = {
    "etc/passwd": "root:x:0:0:root:/scratch:/bin/sh\n"
    f"bench:x:{SERVER_ID}:{SERVER_ID}:bench:/scratch:/bin/sh\n",
    "etc/group": f"root:x:0:\nbench:x:{SERVER_ID}:\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    "etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
    # Nobody answers there, so that what asks for a name is told at once that there is none.
    "etc/resolv.conf": "nameserver 127.0.0.1\noptions attempts:1 timeout:1\n",
}


def complete_tree(root: Path, scripts: Path) -> None:
    """Make unpacked packages a file system to run from.

    Args:
        root: what they were unpacked to.
        scripts: the image's; they go where its Containerfile puts them.

    Raises:
        OSError: it can't be written.
    """
    for name, target in _ALTERNATIVES.items():
        path = root / name
        if (path.parent / target).exists() and not path.exists():
            path.symlink_to(target)
    for name, text in _FILES.items():
        path = root / name
        path.unlink(missing_ok=True)
        path.write_text(text, encoding="utf-8")
    for name in MOUNT_POINTS:
        (root / name).mkdir(exist_ok=True)
    _copy(scripts, root / "usr/local/bin", "cniadvisor-*", 0o755)
    _copy(scripts / "share", root / "usr/local/share/cniadvisor", "*", 0o644)


def _copy(source: Path, target: Path, pattern: str, mode: int) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.glob(pattern)):
        if path.is_file():
            shutil.copyfile(path, target / path.name)
            (target / path.name).chmod(mode)
