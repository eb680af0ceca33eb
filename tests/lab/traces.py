"""What a lab could leave on a machine, as anybody sees it from outside."""

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.owners import is_anothers


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """Processes, namespaces, interfaces, mounts, names of namespaces."""

    found: frozenset[str]

    def new_within(self, seconds: float) -> list[str]:
        """What is there now and was not then; the kernel gets some time to tidy up."""
        give_up_at = time.monotonic() + seconds
        while (new := traces().found - self.found) and time.monotonic() < give_up_at:
            time.sleep(0.05)
        return sorted(new)


def traces() -> Traces:
    """Look around. Of processes those count that run from a lab's tools, and its holders.

    Not those of labs that somebody else runs meanwhile: whose owner lives and is not of ours.
    """
    found: set[str] = set()
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with suppress(OSError):  # It ended meanwhile.
                found |= _of_process(folder)
    found |= {f"interface {path.name}" for path in Path("/sys/class/net").iterdir()}
    found |= {f"mount {line.split()[4]}" for line in _lines(Path("/proc/self/mountinfo"))}
    names = Path("/run/netns")
    found |= {f"name {path}" for path in names.iterdir()} if names.is_dir() else set()
    return Traces(found=frozenset(found))


def _of_process(folder: Path) -> set[str]:
    if not _is_of_a_lab(folder) or is_anothers(folder, within=_is_of_a_lab):
        return set()
    found = {f"process {folder.name} {_command(folder)}"}
    network = (folder / "ns/net").readlink()
    if network != Path("/proc/self/ns/net").readlink():
        found.add(f"network namespace {network}")
    return found


def _is_of_a_lab(folder: Path) -> bool:
    ours = any("/lab-tools/" in line for line in _lines(folder / "mountinfo"))
    return ours or "cniadvisor.lab.holder" in _command(folder)


def _command(folder: Path) -> str:
    return (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()
