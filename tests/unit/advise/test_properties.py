"""What must hold for all answers."""

from dataclasses import replace
from itertools import permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cniadvisor.advise.advising import advise
from cniadvisor.advise.catalogue import Catalogue
from cniadvisor.advise.decision import EQUAL, Decision, decide
from cniadvisor.advise.interview import answered, next_question
from cniadvisor.advise.profile import Fact
from cniadvisor.advise.questionnaire import Answers, Question
from cniadvisor.advise.recommendation import Recommendation
from cniadvisor.advise.scoring import Measured
from tests.unit.advise.shipped import TODAY, shipped

SHIPPED = shipped()
SCALES = [question for question in SHIPPED.questions if question.scale]
CONSTRAINTS = [
    question
    for question in SHIPPED.questions
    if any(choice.effect.needs or choice.effect.fixed for choice in question.choices)
]
MEASURED = Measured(values={"flannel": 1.0, "calico": 0.5, "cilium": 0.75})


@st.composite
def some_answers(draw: st.DrawFn, *, every: bool = False) -> Answers:
    """Answers to some questions, or to every one."""
    return {
        question.name: draw(st.sampled_from([choice.value for choice in question.choices]))
        for question in SHIPPED.questions
        if every or draw(st.booleans())
    }


def position(decision: Decision, name: str) -> int:
    """How many are strictly before a CNI."""
    scores = {one.name: one.score for one in decision.eligible}
    own = scores[name]
    assert own is not None
    return sum(score is not None and score > own + EQUAL for score in scores.values())


@given(answers=some_answers(), data=st.data())
def test_raising_a_priority_never_lowers_the_best_at_it(
    answers: Answers, data: st.DataObject
) -> None:
    question = data.draw(st.sampled_from(SCALES))
    low, high = sorted(data.draw(st.tuples(st.integers(0, 3), st.integers(0, 3))))
    before = decide(SHIPPED, {**answers, question.name: str(low)}, MEASURED)
    after = decide(SHIPPED, {**answers, question.name: str(high)}, MEASURED)
    if not before.eligible:
        assert not after.eligible
        return
    top = max(one.values[question.scale].value for one in before.eligible)
    for one in before.eligible:
        if one.values[question.scale].value == top:
            assert position(after, one.name) <= position(before, one.name)


@given(answers=some_answers(), data=st.data())
def test_a_constraint_never_brings_anybody_back(answers: Answers, data: st.DataObject) -> None:
    question = data.draw(st.sampled_from(CONSTRAINTS))
    free = {**answers, question.name: question.default}
    stricter = data.draw(st.sampled_from([choice.value for choice in question.choices[1:]]))
    before = {one.name for one in decide(SHIPPED, free).eligible}
    after = {one.name for one in decide(SHIPPED, {**free, question.name: stricter}).eligible}
    assert after <= before


@given(answers=some_answers())
def test_an_older_kernel_never_brings_anybody_back(answers: Answers) -> None:
    left = [
        {one.name for one in decide(SHIPPED, {**answers, "kernel": kernel}).eligible}
        for kernel in ("5.10", "5.6", "older")
    ]
    assert left[2] <= left[1] <= left[0]


@given(answers=some_answers(), seed=st.integers(0, 2**32))
def test_no_order_decides(answers: Answers, seed: int) -> None:
    shuffled = Random(seed)

    def mixed(items: tuple[Question, ...]) -> tuple[Question, ...]:
        return tuple(shuffled.sample(items, len(items)))

    profiles = tuple(shuffled.sample(SHIPPED.profiles, len(SHIPPED.profiles)))
    other = replace(SHIPPED, profiles=profiles, questions=mixed(SHIPPED.questions))
    turned = dict(shuffled.sample(list(answers.items()), len(answers)))
    one, two = decide(SHIPPED, answers), decide(other, turned)
    assert one.outcome == two.outcome
    assert [(c.name, c.score) for c in one.eligible] == [(c.name, c.score) for c in two.eligible]


@settings(max_examples=25, deadline=None)
@given(answers=some_answers())
def test_every_reason_is_a_fact_of_a_profile(answers: Answers) -> None:
    told = advise(SHIPPED, answers, today=TODAY)
    known = {fact for profile in SHIPPED.profiles for fact in profile.all_facts()}
    shown = shown_facts(told)
    assert shown <= known
    for one in told.ranking:
        own = set(one.profile.all_facts())
        assert {reason.fact for reason in (*one.reasons, *one.cautions)} <= own
        assert {fact for miss in one.unmet for fact in miss.facts} <= own
        assert (one.score is None) == bool(one.unmet or one.fixed_out)
        if one.score is not None:
            assert 0 <= one.score <= 1


def shown_facts(told: Recommendation) -> set[Fact]:
    """Every fact a recommendation shows."""
    shown = {reason.fact for one in told.ranking for reason in (*one.reasons, *one.cautions)}
    shown |= {fact for one in told.ranking for miss in one.unmet for fact in miss.facts}
    shown |= {fact for lost in told.given_up for fact in lost.others}
    shown |= {lost.fact for lost in told.given_up if lost.fact is not None}
    shown |= {one.fact for one in told.others_can}
    shown |= {fact for addition in told.additions for fact in addition.facts}
    shown |= {*told.stale, *told.inferred}
    if told.move is not None and told.move.way is not None:
        shown.add(told.move.way.fact)
    return shown


@given(answers=some_answers())
def test_what_an_option_is_recommended_for_it_does(answers: Answers) -> None:
    decision = decide(SHIPPED, answers)
    for candidate in decision.eligible:
        chosen = candidate.standing.chosen
        for group in decision.effect.needs:
            assert any(chosen.true(key) for key in group)


@settings(max_examples=150, deadline=None)
@given(answers=some_answers(), data=st.data())
def test_a_skipped_question_could_not_have_mattered(answers: Answers, data: st.DataObject) -> None:
    skipped = [
        one.question
        for one in answered(SHIPPED, answers, {}, MEASURED)
        if one.pointless and one.question.name not in answers
    ]
    if not skipped:
        return
    question = data.draw(st.sampled_from(skipped))
    rest = data.draw(some_answers(every=True))
    whole = {**rest, **answers}
    outcomes = {
        (decision.outcome, tuple(one.name for one in decision.eligible))
        for choice in question.choices
        for decision in [decide(SHIPPED, {**whole, question.name: choice.value}, MEASURED)]
    }
    assert len(outcomes) == 1


@settings(max_examples=50, deadline=None)
@given(answers=some_answers())
def test_asking_ends_and_skips_nothing_that_matters(answers: Answers) -> None:
    given_ = dict(answers)
    asked: list[str] = []
    while (one := next_question(SHIPPED, given_, {}, MEASURED)) is not None:
        assert not one.pointless
        assert one.question.name not in given_
        asked.append(one.question.name)
        given_[one.question.name] = one.choice.value
    whole = {question.name: question.default for question in SHIPPED.questions} | given_
    assert decide(SHIPPED, given_, MEASURED).outcome == decide(SHIPPED, whole, MEASURED).outcome
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("question", SHIPPED.questions, ids=lambda question: question.name)
def test_every_question_can_change_some_outcome(question: Question) -> None:
    dice = Random(8)
    for _ in range(2000):
        # Few answers: with many nobody fits, and then nothing changes anything.
        answers = {
            other.name: dice.choice(other.choices).value
            for other in SHIPPED.questions
            if dice.random() < 0.2
        }
        outcomes = {
            (decision.outcome, tuple(one.name for one in decision.eligible))
            for choice in question.choices
            for decision in [decide(SHIPPED, {**answers, question.name: choice.value}, MEASURED)]
        }
        if len(outcomes) > 1:
            return
    pytest.fail(f"{question.name} changes nothing")


@pytest.mark.parametrize("choice", ["simplicity", "policy", "encryption", "balance"])
def test_the_files_order_of_profiles_changes_no_pure_priority(choice: str) -> None:
    expected = decide(SHIPPED, {choice: "3"}).outcome
    for order in permutations(SHIPPED.profiles):
        other: Catalogue = replace(SHIPPED, profiles=order)
        assert decide(other, {choice: "3"}).outcome == expected
