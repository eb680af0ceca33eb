"""What can be written to a file of a recommendation."""

from dataclasses import dataclass

from cniadvisor.advise.answers_document import answers_toml
from cniadvisor.advise.document import advice_json
from cniadvisor.tui.advisor.view import Advice
from cniadvisor.tui.results.exports import Kind, MadeAlready, picture_kind
from cniadvisor.wording.advice import advice_text
from cniadvisor.wording.advice_markdown import advice_markdown
from cniadvisor.wording.campaigns import References

_ANSWERS = ".toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceExport(MadeAlready):
    """A recommendation in the forms of ``cniadvisor advise``, and the answers it rests on.

    Attributes:
        references: the reports campaigns are told in full with; None where they are not.
        picture: the screen as SVG.
    """

    advice: Advice
    references: References | None
    picture: str

    @property
    def title(self) -> str:
        """What the dialog is called."""
        return "Write the recommendation to a file"

    def kinds(self) -> tuple[Kind, ...]:
        """Return the forms there are."""
        told, today, references = self.advice.told, self.advice.today, self.references
        return (
            Kind(
                words="Markdown, a decision record for a change request",
                ending=".md",
                text=advice_markdown(told, today=today, references=references),
            ),
            Kind(words="JSON, everything", ending=".json", text=advice_json(told)),
            Kind(
                words="TOML, the answers, for cniadvisor advise --answers",
                ending=_ANSWERS,
                text=answers_toml(told.answers),
            ),
            Kind(
                words="Text, with all sources",
                ending=".txt",
                text=advice_text(told, today=today, references=references),
            ),
            picture_kind(self.picture),
        )

    def proposed(self, kind: Kind) -> str:
        """Return a file name that says what is in it."""
        if kind.ending == _ANSWERS:
            return f"answers{_ANSWERS}"
        choice = self.advice.told.choice
        return f"decision-{'nobody' if choice is None else choice.profile.name}{kind.ending}"
