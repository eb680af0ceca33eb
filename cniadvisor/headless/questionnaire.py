"""The questionnaire as numbered prompts on a plain terminal."""

from collections.abc import Callable, Mapping

from cniadvisor.advise.catalogue import Catalogue
from cniadvisor.advise.decision import decide
from cniadvisor.advise.interview import answered, effective, next_question
from cniadvisor.advise.prefill import Found
from cniadvisor.advise.questionnaire import Answers, Question
from cniadvisor.advise.scoring import NOTHING_MEASURED, Measured
from cniadvisor.wording.questions import question_lines, skipped_sentences, standing_sentence
from cniadvisor.wording.words import wrapped

HOW = (
    "Answer with a number; Enter takes the marked choice, b goes back, s stops asking and takes "
    "the marked choices of all questions that are left."
)


class Questionnaire:
    """Asks one question after the other, tells the ranking after each, skips what is pointless.

    Args:
        catalogue: the questions.
        found: what the cluster answers by itself; proposed, and open to another answer.
        measured: own measurements.
        read: prints a prompt and returns the line that was typed.
        tell: prints a line.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        found: Mapping[str, Found],
        measured: Measured = NOTHING_MEASURED,
        read: Callable[[str], str],
        tell: Callable[[str], None],
    ) -> None:
        self._catalogue = catalogue
        self._found = found
        self._measured = measured
        self._read = read
        self._tell = tell

    def ask(self) -> Answers:
        """Ask until nothing is left that could change the outcome, and return the answers.

        Stops at the end of the input as at ``s``.
        """
        self._say(HOW)
        answers: dict[str, str] = {}
        told: set[str] = set()
        while (asked := next_question(*self._state(answers))) is not None:
            self._skip(answers, told)
            number = self._catalogue.questions.index(asked.question) + 1
            self._tell("")
            for line in question_lines(asked, number=number, of=len(self._catalogue.questions)):
                self._tell(line)
            value = self._choose(asked.question, asked.choice.value)
            if value == "s":
                break
            if value == "b":
                if answers:
                    answers.popitem()
                continue
            answers[asked.question.name] = value
            held = effective(self._catalogue, answers, self._found)
            self._say(standing_sentence(decide(self._catalogue, held, self._measured)))
        self._skip(answers, told)
        return answers

    def _state(self, answers: Answers) -> tuple[Catalogue, Answers, Mapping[str, Found], Measured]:
        return self._catalogue, answers, self._found, self._measured

    def _choose(self, question: Question, marked: str) -> str:
        """Return the value of the chosen answer, ``b`` or ``s``; asks again until it is one."""
        most = len(question.choices)
        while True:
            try:
                line = self._read(f"1-{most}, Enter, b or s: ").strip().lower()
            except EOFError:
                return "s"
            if not line:
                return marked
            if line in {"b", "s"}:
                return line
            if line.isascii() and line.isdigit() and 1 <= int(line[:3]) <= most:
                return question.choices[int(line[:3]) - 1].value
            self._tell(f"That is none of 1 to {most}, Enter, b and s.")

    def _skip(self, answers: Answers, told: set[str]) -> None:
        """Tell once which questions became pointless."""
        skipped = [
            one
            for one in answered(*self._state(answers))
            if one.pointless and one.question.name not in (*answers, *told)
        ]
        told |= {one.question.name for one in skipped}
        for sentence in skipped_sentences(skipped):
            self._say(sentence)

    def _say(self, text: str) -> None:
        for line in wrapped(text):
            self._tell(line)
