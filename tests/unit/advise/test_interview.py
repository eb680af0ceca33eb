"""The questionnaire as a state: what is asked, what is proposed, what is skipped and why."""

from cniadvisor.advise.catalogue import Catalogue
from cniadvisor.advise.interview import answered, effective, next_question
from cniadvisor.advise.prefill import Found
from cniadvisor.advise.questionnaire import Answers
from cniadvisor.advise.recommendation import Answered, AnsweredBy
from cniadvisor.advise.scoring import Measured

THERE: Answers = {"current": "none", "cni_fixed": "no", "distribution": "other"}


def skipped(
    catalogue: Catalogue, answers: Answers, measured: Measured | None = None
) -> dict[str, str]:
    told = answered(catalogue, answers, {}, measured or Measured(values={}))
    return {one.question.name: one.pointless for one in told if one.pointless}


def one_of(told: tuple[Answered, ...], name: str) -> Answered:
    return next(one for one in told if one.question.name == name)


def test_asks_in_the_questionnaires_order(catalogue: Catalogue) -> None:
    first = next_question(catalogue, {}, {})
    assert first is not None
    assert first.question is catalogue.questions[0]
    second = next_question(catalogue, {first.question.name: first.choice.value}, {})
    assert second is not None
    assert second.question is catalogue.questions[1]


def test_where_one_cni_is_left_priorities_are_not_asked(catalogue: Catalogue) -> None:
    why = skipped(catalogue, {**THERE, "l7": "yes"})
    assert why["simplicity"] == "Only Cilium is left."
    assert why["network_policy"] == "Whatever the answer, Cilium meets it."
    # Cilium doesn't run on Windows: that question can still leave nobody.
    assert "windows" not in why
    assert "encrypted" not in why


def test_several_that_meet_it_are_listed(catalogue: Catalogue) -> None:
    why = skipped(catalogue, {**THERE, "network_policy": "yes"})
    assert why["network_policy"] == (
        "Whatever the answer, Calico, Canal, Cilium and Flannel meet it."
    )


def test_where_nobody_is_left_nothing_is_asked_but_what_may_bring_somebody_back(
    catalogue: Catalogue,
) -> None:
    why = skipped(catalogue, {**THERE, "windows": "yes", "l7": "yes"})
    assert why["simplicity"] == why["bgp"] == "No CNI meets what you need already."
    assert "distribution" not in why


def test_while_the_platform_may_still_fix_the_cni_nothing_is_certain(catalogue: Catalogue) -> None:
    assert skipped(catalogue, {"l7": "yes"}) == {}


def test_on_an_unknown_distribution_flannel_may_still_be_out(catalogue: Catalogue) -> None:
    # RKE2's Flannel has no policy and no WireGuard; elsewhere both are options.
    open_ = {name: value for name, value in THERE.items() if name != "distribution"}
    needs = {"kernel": "older", "network_policy": "yes"}
    assert skipped(catalogue, {**THERE, **needs})["simplicity"] == "Only Flannel is left."
    assert "simplicity" in skipped(catalogue, {**open_, **needs})


def test_own_measurements_are_asked_about_only_if_they_say_something(catalogue: Catalogue) -> None:
    assert "no reports" in skipped(catalogue, THERE)["performance"]
    same = Measured(values={"flannel": 1.0, "calico": 1.0})
    assert "no difference" in skipped(catalogue, THERE, same)["performance"]
    apart = Measured(values={"flannel": 1.0, "calico": 0.5})
    assert "performance" not in skipped(catalogue, THERE, apart)


def test_without_a_cni_that_runs_continuity_means_nothing(catalogue: Catalogue) -> None:
    assert "What runs now" in skipped(catalogue, THERE)["continuity"]
    assert "continuity" not in skipped(catalogue, {**THERE, "current": "calico"})
    unknown = {name: value for name, value in THERE.items() if name != "current"}
    assert "continuity" not in skipped(catalogue, unknown)


def test_what_the_cluster_answers_is_proposed_and_can_be_overruled(catalogue: Catalogue) -> None:
    found = {"windows": Found(value="yes", evidence="1 of 3 nodes run Windows.")}
    told = one_of(answered(catalogue, {}, found), "windows")
    assert (told.choice.value, told.by) == ("yes", AnsweredBy.CLUSTER)
    assert told.evidence == "1 of 3 nodes run Windows."
    overruled = one_of(answered(catalogue, {"windows": "no"}, found), "windows")
    assert (overruled.choice.value, overruled.by) == ("no", AnsweredBy.YOU)
    assert effective(catalogue, {"windows": "no"}, found)["windows"] == "no"
    assert effective(catalogue, {}, found)["kernel"] == "5.10"
