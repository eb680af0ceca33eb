"""What a probe of NetworkPolicy found, in words."""

from datetime import datetime

from cniadvisor.domain.probe import Enforcement, PolicyProbe, Standing
from cniadvisor.domain.text import printable
from cniadvisor.wording.overview import age_words
from cniadvisor.wording.words import WIDTH, duration, table, wrapped

_SENTENCES = {
    Enforcement.ENFORCED: "NetworkPolicy is enforced here",
    Enforcement.PARTLY: "NetworkPolicy is enforced only in part here",
    Enforcement.NOT_ENFORCED: "NetworkPolicy is not enforced here: the API server takes policies, "
    "and nothing acts on them",
    Enforcement.UNKNOWN: "Whether NetworkPolicy is enforced here is not known",
}


def probe_sentence(probe: PolicyProbe) -> str:
    """Say in one sentence what the probe found."""
    sentence = _SENTENCES[probe.enforcement]
    if probe.enforcement is Enforcement.PARTLY:
        sentence += f": {_missing(probe)}"
    longest = max((tried.took_s for tried in probe.parts if tried.took_s is not None), default=None)
    if longest is not None:
        sentence += f"; it took {_took(longest)} to take effect"
    if probe.reason:
        sentence += f": {printable(probe.reason)}"
    return f"{sentence} (probed {printable(probe.probed_at)})."


def policy_words(probe: PolicyProbe | None, *, now: datetime) -> str:
    """Return what is known of NetworkPolicy, for a row of a table, and since when."""
    if probe is None:
        return "not probed; Plan can try it"
    age_s = (now - datetime.fromisoformat(probe.probed_at)).total_seconds()
    return f"{_standing(probe)} (probed {age_words(max(age_s, 0))})"


def _standing(probe: PolicyProbe) -> str:
    match probe.enforcement:
        case Enforcement.PARTLY:
            return f"enforced only in part: {_missing(probe)}"
        case Enforcement.UNKNOWN:
            return "not found out"
        case whole:
            return whole.value


def _missing(probe: PolicyProbe) -> str:
    parts = [tried.part for tried in probe.parts if tried.standing is not Standing.ENFORCED]
    return f"{', '.join(parts)} {'is' if len(parts) == 1 else 'are'} not"


def probe_lines(probe: PolicyProbe, *, width: int = WIDTH) -> list[str]:
    """Return the sentence and what became of each part."""
    lines = wrapped(probe_sentence(probe), width=width)
    if not probe.parts:
        return lines
    rows = [
        (
            tried.part.value,
            tried.standing.value,
            "n/a" if tried.took_s is None else _took(tried.took_s),
        )
        for tried in probe.parts
    ]
    lines += table(("part", "standing", "after"), rows, width=width)
    for tried in probe.parts:
        lines += wrapped(
            f"{tried.part.value}: {printable(tried.detail)}.", indent="  ", width=width
        )
    return lines


def _took(seconds: float) -> str:
    return "less than 1 s" if seconds < 1 else duration(seconds)
