"""The questionnaire under a cursor, and the lines it makes."""

from dataclasses import replace

import pytest

from cniadvisor.advise.measured import OwnMeasurements
from cniadvisor.advise.prefill import Found
from cniadvisor.advise.questionnaire import Answers
from cniadvisor.tui.advisor.asking import Asking, Given, begun
from cniadvisor.tui.advisor.lines import Look, lines
from cniadvisor.tui.symbols import ASCII, UNICODE
from tests.unit.advise.shipped import shipped

FLANNEL = {"current": Found(value="flannel", evidence="Detected: flannel 0.27.4.")}
ONLY_CILIUM: Answers = {
    "current": "none",
    "cni_fixed": "no",
    "distribution": "other",
    "l7": "yes",
}


def asking(answers: Answers | None = None, found: dict[str, Found] | None = None) -> Asking:
    return begun(
        Given(catalogue=shipped(), answers=answers or {}, found=found or {}, own=OwnMeasurements())
    )


def name(one: Asking) -> str:
    return one.current.question.name


def pointed(one: Asking) -> str:
    return one.current.question.choices[one.choice].value


def text(one: Asking, width: int = 80) -> str:
    return "\n".join(line.text for line in lines(one, UNICODE, width))


def test_it_begins_with_the_cursor_on_what_the_cluster_says() -> None:
    one = asking(found=FLANNEL)
    assert (name(one), pointed(one)) == ("current", "flannel")


def test_a_choice_is_taken_and_the_next_open_question_asked() -> None:
    one = asking().moved(1).chosen()
    assert one.given.answers == {"current": "calico"}
    assert name(one) == "cni_fixed"


def test_the_cursor_stays_among_the_choices_of_one_question() -> None:
    one = asking()
    assert one.moved(-1).choice == 0
    assert one.moved(99).choice == len(one.current.question.choices) - 1


def test_on_a_page_the_cursor_goes_on_into_the_next_question_and_back() -> None:
    one = asking().turned()
    last = len(one.current.question.choices) - 1
    there = one.moved(last).moved(1)
    assert (name(there), there.choice) == ("cni_fixed", 0)
    back = there.moved(-1)
    assert (name(back), back.choice) == ("current", last)


def test_on_a_page_both_ends_hold() -> None:
    one = asking().turned()
    assert one.moved(-1) == one
    end = one.on(len(one.asked) - 1, None).moved(99)
    assert end.moved(1) == end


def test_a_question_that_can_change_nothing_is_passed_over() -> None:
    one = asking(ONLY_CILIUM)
    seen: list[str] = []
    while (there := one.stepped(1)).at != one.at:
        one = there
        seen.append(name(one))
    assert "simplicity" not in seen
    assert "encrypted" in seen


def test_on_a_page_it_is_there_and_says_why_it_is_not_asked() -> None:
    one = asking(ONLY_CILIUM)
    assert "Not asked (network_policy" in text(one)
    whole = text(one.turned())
    assert "How much does simplicity count?" in whole
    assert "Not asked: Only Cilium is left." in whole


def test_an_answer_to_a_question_that_became_pointless_can_be_taken_back() -> None:
    one = asking({**ONLY_CILIUM, "simplicity": "3"})
    place = [told.question.name for told in one.asked].index("simplicity")
    there = one.on(place, None).unanswered()
    assert "simplicity" not in there.given.answers
    assert name(there) == "simplicity"


def test_without_an_answer_backspace_goes_to_the_question_before() -> None:
    one = asking().chosen()
    assert name(one.unanswered()) == "current"
    assert one.unanswered().unanswered().given.answers == {}


def test_taking_every_marked_choice_comes_to_an_end() -> None:
    one = asking(found=FLANNEL)
    for _ in range(len(one.asked)):
        one = one.chosen() if not one.done else one
    assert one.done
    assert "No question is left that could change the outcome" in text(one)


def test_what_the_cluster_says_late_moves_a_cursor_only_if_nobody_did() -> None:
    one = asking()
    late = replace(one.given, found=FLANNEL)
    assert pointed(one.with_given(late)) == "flannel"
    assert pointed(one.moved(2).with_given(late)) == "canal"


def test_who_says_what_holds_stands_beside_it() -> None:
    assert "> ● Flannel (from the cluster)" in text(asking(found=FLANNEL))
    assert "From the cluster: Detected: flannel 0.27.4." in text(asking(found=FLANNEL))
    mine = asking({"current": "canal"}, FLANNEL).on(0, None)
    assert "> ● Canal (your answer)" in text(mine)
    assert "From the cluster: Detected: flannel" in text(mine), "it says something else"
    assert "> ● none yet (holds if nobody answers)" in text(asking())


def test_marks_that_any_terminal_shows() -> None:
    told = lines(asking(found=FLANNEL), ASCII, 80)
    assert [line.text for line in told if line.look is Look.CURSOR] == [
        "> * Flannel (from the cluster)"
    ]


@pytest.mark.parametrize("width", [1, 5, 20, 44, 78, 150])
@pytest.mark.parametrize("everything", [False, True])
def test_every_choice_is_there_at_any_width(width: int, everything: bool) -> None:
    one = replace(asking(ONLY_CILIUM, FLANNEL), everything=everything)
    made = lines(one, UNICODE, width)
    places = {line.place for line in made if line.place and line.place[1] is not None}
    assert places == {(one.at, place) for place in range(len(one.current.question.choices))}
    if width >= 20:
        assert all(len(line.text) <= width for line in made)
