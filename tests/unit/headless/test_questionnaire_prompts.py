"""The questionnaire on a plain terminal: numbers, back, stop, and what is not asked."""

from collections.abc import Iterator

from cniadvisor.advise.prefill import Found
from cniadvisor.advise.questionnaire import Answers
from cniadvisor.headless.questionnaire import Questionnaire
from tests.unit.advise.shipped import shipped


def asked(*typed: str, found: dict[str, Found] | None = None) -> tuple[Answers, str]:
    """Type these lines, then end the input; return the answers and what was told."""
    told: list[str] = []
    lines: Iterator[str] = iter(typed)

    def read(prompt: str) -> str:
        told.append(prompt)
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    answers = Questionnaire(shipped(), found=found or {}, read=read, tell=told.append).ask()
    return answers, "\n".join(told)


def test_enter_takes_the_marked_choice_and_a_number_another() -> None:
    answers, _ = asked("", "1", "3")
    assert answers == {"current": "none", "cni_fixed": "no", "distribution": "rke2"}


def test_back_takes_the_last_answer_away() -> None:
    answers, told = asked("b", "2", "b", "3")
    assert answers == {"current": "canal"}
    assert told.count("Question 1 of") == 3


def test_stop_and_the_end_of_input_keep_what_was_answered() -> None:
    assert asked("2", "s")[0] == asked("2")[0] == {"current": "calico"}


def test_nonsense_is_asked_again() -> None:
    answers, told = asked("9", "x", "-1", "²", "12345", "0", "2")
    assert answers == {"current": "calico"}
    assert told.count("That is none of 1 to 6") == 6


def test_the_ranking_is_told_after_each_answer() -> None:
    _, told = asked("", "", "", "2")
    assert "So far: Canal 0.40, then Cilium 0.23, Calico 0.16 and Flannel 0.10." in told
    assert "So far: Calico 0.16, then Flannel 0.10. Excluded: Canal and Cilium." in told


def test_what_can_no_longer_matter_is_not_asked_and_told_once() -> None:
    names = [question.name for question in shipped().questions]
    before = names.index("l7")
    typed = ["1"] * before + ["2"] + [""] * 40
    # Of what comes before l7 continuity and performance are no part.
    answers, told = asked(*typed)
    assert answers["l7"] == "yes"
    flat = " ".join(told.split())
    assert flat.count("Only Cilium is left.") == 1
    assert "simplicity" not in answers
    assert "Question 20 of 25: How much does simplicity count?" not in told
    assert "host_firewall" in answers


def test_what_the_cluster_tells_is_proposed_with_its_evidence() -> None:
    found = {"current": Found(value="canal", evidence="Detected: canal 3.31.7, high confidence.")}
    answers, told = asked("", found=found)
    assert answers == {"current": "canal"}
    assert "Detected: canal 3.31.7" in told
    assert "3  Canal  (Enter)" in told


def test_no_line_is_wider_than_80_columns() -> None:
    _, told = asked(*["2"] * 40)
    assert max(map(len, told.splitlines())) <= 80
