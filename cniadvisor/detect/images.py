"""What a container image reference says: which program it is, and which version.

Tags carry suffixes (``-build20260819``, ``-eksbuild.3``, ``-gke.14``), digests instead of tags, or
names that float (``latest``, ``snapshot``); an unknown version is an answer, a wrong one is not.
"""

import re
from dataclasses import dataclass

_VERSION = re.compile(r"[vV]?(\d+(?:\.\d+){1,3})(-(?:alpha|beta|rc|pre)[.\w]*)?(?:[-+_.].*)?")
_DATE = re.compile(r"v?(\d{8}(?:-[0-9a-f]{7,40})?)")
FLOATING = frozenset({"latest", "stable", "snapshot", "snapshot-thick", "edge", "main", "master"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A parsed image reference.

    Attributes:
        path: repository path without registry host, tag and digest.
        name: last part of the path, in lower case.
        tag: None when there is only a digest, or nothing.
    """

    reference: str
    path: str
    name: str
    tag: str | None
    digest: str | None

    @property
    def version(self) -> str | None:
        """The version without a leading v and without build suffixes; None if the tag has none."""
        return version_of(self.tag)

    @property
    def floating(self) -> bool:
        """Whether the tag names no version on purpose; no tag at all means ``latest``."""
        return self.tag in FLOATING or (self.tag is None and self.digest is None)


def parse_image(reference: str) -> Image:
    """Parse ``[host[:port]/]path[:tag][@digest]``; never fails."""
    rest, _, digest = reference.strip().partition("@")
    head, _, last = rest.rpartition("/")
    last, _, tag = last.partition(":")
    path = f"{head}/{last}" if head else last
    host, slash, below = path.partition("/")
    if slash and ("." in host or ":" in host or host == "localhost"):
        path = below
    return Image(
        reference=reference,
        path=path.lower(),
        name=last.lower(),
        tag=tag or None,
        digest=digest or None,
    )


def version_of(tag: str | None) -> str | None:
    """Return the version in a tag or a version string; None when it names none."""
    if tag is None or len(tag) > 200:
        return None
    if dated := _DATE.fullmatch(tag):
        return dated.group(1)
    numbered = _VERSION.fullmatch(tag)
    return numbered.group(1) + (numbered.group(2) or "") if numbered else None


def release(version: str | None) -> tuple[int, ...]:
    """Return the numbers of a version for comparing; empty when there are none."""
    if version is None:
        return ()
    return tuple(int(part) for part in re.findall(r"\d{1,9}", version.partition("-")[0])[:4])
