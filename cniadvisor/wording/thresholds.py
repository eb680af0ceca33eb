"""What became of the thresholds, a line each."""

from cniadvisor.domain.text import printable
from cniadvisor.stats.thresholds import Judgement, Standing


def threshold_line(judgement: Judgement) -> str:
    """Return the line of one threshold; what is not held begins with a word that says so."""
    threshold, comparison = judgement.threshold, judgement.comparison
    option = threshold.option
    interval = comparison.ratio_95 if comparison is not None else None
    if comparison is None or interval is None or comparison.ratio is None:
        reason = printable(comparison.reason) if comparison is not None else "it was not measured"
        return f"No ratio for {option}: {reason or 'it was not measured'}."
    found = (
        f"the ratio is {comparison.ratio:.4f}, 95 % interval {interval.low:.4f} to "
        f"{interval.high:.4f}"
    )
    match judgement.standing:
        case Standing.FAILED:
            return f"Failed: {option}: {found}, all of it {threshold.side}."
        case Standing.UNDECIDED:
            return (
                f"Warning: {option}: {found}, which has {threshold.ratio:g} inside: that is not "
                "decided, so it does not fail. More rounds narrow the interval."
            )
        case _:
            return f"Held: {option}: {found}."
