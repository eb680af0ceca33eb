"""Where we look and since when: context, server, age of what is shown, and what to do without."""

from cniadvisor.domain.errors import AccessError, CniAdvisorError
from cniadvisor.domain.settings import Settings
from cniadvisor.domain.text import printable
from cniadvisor.domain.words import counted, listed
from cniadvisor.wording.words import WIDTH, wrapped

READING = "Reading the cluster"

_WITHOUT = "Without a cluster you can still see how it works:"
_REPLAY = "a recorded run can be watched as it happened"
_LAB = "this machine can measure the kernel's own ways of wiring pods (the lab)"


def place_words(context: str, server: str) -> str:
    """Return context and API server as the header shows them."""
    return printable(f"{context} at {server}" if server else context, limit=200)


def cluster_words(server_version: str, node_count: int | None) -> str:
    """Return ``Kubernetes 1.36.1, 3 nodes``."""
    nodes = "nodes can't be counted" if node_count is None else counted(node_count, "node")
    return f"Kubernetes {printable(server_version, limit=40) or 'of unknown version'}, {nodes}"


def age_words(seconds: float) -> str:
    """Return how long ago something was, in one unit: ``just now``, ``5 min ago``."""
    for size, unit in ((86400, "day"), (3600, "h"), (60, "min")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{counted(count, unit) if unit == 'day' else f'{count} {unit}'} ago"
    return "just now"


def error_text(error: CniAdvisorError, *, width: int = WIDTH) -> str:
    """Return what is wrong, the right that is missing, and what to do."""
    lines = wrapped(printable(error.message), width=width)
    if isinstance(error, AccessError) and error.right and error.right not in error.message:
        lines += wrapped(f"Missing right: {printable(error.right)}", width=width)
    if error.hint:
        lines += wrapped(f"What to do: {printable(error.hint)}", width=width)
    return "\n".join(lines)


def offers_text(*, lab: bool, replay: bool, width: int = WIDTH) -> str:
    """Return what can be done without a cluster; empty when nothing can."""
    offers = [words for words, holds in ((_REPLAY, replay), (_LAB, lab)) if holds]
    if not offers:
        return ""
    return "\n".join(wrapped(f"{_WITHOUT} {listed(offers)}.", width=width))


def detect_command(settings: Settings) -> str:
    """Return the command that tells what the overview shows, with its reasons."""
    import shlex  # not before somebody asks for the command

    words = ["cniadvisor", "detect", "--explain"]
    given = {"--kubeconfig": settings.kubeconfig, "--context": settings.context}
    for option, value in given.items():
        words += [] if value is None else [option, value]
    return shlex.join(words)
