"""Answers written down are the answers that are read back."""

import pytest

from cniadvisor.advise.answers_document import answers_toml
from cniadvisor.advise.catalogue import Catalogue
from cniadvisor.advise.interview import answered
from cniadvisor.advise.prefill import Found
from cniadvisor.advise.questionnaire import Choice, Question
from cniadvisor.advise.recommendation import Answered, AnsweredBy
from cniadvisor.catalogue.answers_file import parse_answers


def test_every_choice_of_every_question_comes_back(catalogue: Catalogue) -> None:
    most = max(len(question.choices) for question in catalogue.questions)
    for place in range(most):
        answers = {
            question.name: question.choices[min(place, len(question.choices) - 1)].value
            for question in catalogue.questions
        }
        text = answers_toml(answered(catalogue, answers, {}))
        assert parse_answers(text, source="it", catalogue=catalogue) == answers


def test_an_answer_of_the_cluster_becomes_one_and_says_where_it_is_from(
    catalogue: Catalogue,
) -> None:
    found = {"windows": Found(value="no", evidence="All 3 nodes\nrun Linux.")}
    text = answers_toml(answered(catalogue, {"policy": "3"}, found))
    assert text == (
        'windows = "no"  # Are there Windows nodes? no; from the cluster: All 3 nodes run Linux.\n'
        "policy = 3  # How much does policy count? above all\n"
    )


def test_what_nobody_answered_is_left_out(catalogue: Catalogue) -> None:
    assert answers_toml(answered(catalogue, {}, {})) == ""


@pytest.mark.parametrize("value", ['"', "\\", "a\nb", "\x7f", "é"])
def test_no_value_breaks_the_file(value: str) -> None:
    import tomllib

    choice = Choice(value=value, label="\x1b[31m")
    question = Question(name="a b", ask="\n?", help="", choices=(choice,))
    told = Answered(question=question, choice=choice, by=AnsweredBy.YOU)
    assert tomllib.loads(answers_toml([told])) == {"a b": value}
