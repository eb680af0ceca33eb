"""``cniadvisor image``: the image the pods run."""

from pathlib import Path

from cniadvisor.commands.telling import hand_over, tell
from cniadvisor.domain.errors import ExitCode, UsageError
from cniadvisor.domain.settings import Settings
from cniadvisor.image.build import build
from cniadvisor.image.load import load_here, save, ways_to_load, why_not_here
from cniadvisor.image.record import recorded, remember
from cniadvisor.image.tools import ContainerTool


def run_build(settings: Settings, *, tool: str, base: str | None) -> int:
    """Build the image, remember it, and tell its reference on stdout."""
    chosen = None if tool == "auto" else ContainerTool(tool)
    record = build(tool=chosen, base=base, say=_quietly if settings.quiet else tell)
    remember(record)
    hand_over(record.reference)
    tell("`cniadvisor bench` will use it once your nodes have it: cniadvisor image load")
    return ExitCode.OK


def run_load(settings: Settings, *, archive: str | None) -> int:
    """Load the image into this node's containerd, or tell how it gets onto other nodes."""
    record = recorded()
    if record is None:
        raise UsageError("there is no image yet", hint="build it first: cniadvisor image build")
    say = _quietly if settings.quiet else tell
    if archive is not None:
        save(record, Path(archive), say=say)
        hand_over(archive)
    reason = why_not_here()
    if reason is None:
        load_here(record, say=say)
        tell(f"{record.reference} is in this node's containerd")
        return ExitCode.OK
    tell(f"not loaded here: {reason}. Your nodes get {record.reference} so:")
    ways = ways_to_load(record, archive=archive, saved=True) if archive else ways_to_load(record)
    for way in ways:
        tell(f"\n{way.cluster}:")
        for command in way.commands:
            hand_over(f"  {command}")
    return ExitCode.OK


def _quietly(_line: str) -> None:
    """Say nothing."""
