"""What the app asks about the advisor. Reads files, so it is called in a thread."""

from cniadvisor.advise.prefill import prefill as found_answers
from cniadvisor.commands.profiles import known_campaigns, known_catalogue
from cniadvisor.tui.core import ReferenceReports
from cniadvisor.wording.campaigns import reference_words

__all__ = ["found_answers", "known_catalogue", "known_references"]


def known_references(profiles: str | None) -> tuple[ReferenceReports, ...]:
    """Return the reports of our own campaigns. Argument and errors as :func:`known_catalogue`."""
    return tuple(
        ReferenceReports(label=reference_words(one), paths=one.reports)
        for one in known_campaigns(profiles)
        if one.reports
    )
