"""What the advisor says, in text, Markdown and JSON."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from cniadvisor.advise.advising import advise
from cniadvisor.advise.document import advice_json, advice_object
from cniadvisor.advise.measured import OwnReport, own_measurements
from cniadvisor.advise.recommendation import Recommendation
from cniadvisor.domain.report import Report
from cniadvisor.wording.advice import advice_text, campaigns_lines
from cniadvisor.wording.advice_decision import (
    article_sentence,
    confidence_sentence,
    decision_words,
    equal_sentence,
    recommendation_sentence,
    weights_sentence,
)
from cniadvisor.wording.advice_markdown import advice_markdown
from cniadvisor.wording.advice_sentences import stale_sentence
from tests.unit.advise.shipped import TODAY, advised, answers_of, shipped

FORMS: list[dict[str, object]] = [
    {},
    {"policy": 3, "current": "flannel", "encrypted": "yes"},
    {"simplicity": 3, "windows": True, "l7": True},
    {"policy": 3, "interfaces": "several", "l7": True, "current": "canal"},
    {"policy": 3, "cni_fixed": True, "current": "other", "network_policy": True},
    {"simplicity": 3, "distribution": "k3s", "network_policy": True, "current": "flannel"},
]


def text_of(told: Recommendation) -> str:
    return advice_text(told, today=TODAY)


def too_wide(text: str, width: int) -> list[str]:
    """Lines wider than allowed, other than addresses and commands, which are to be copied."""
    return [
        line
        for line in text.splitlines()
        if len(line) > width and not line.strip().startswith(("https://", "cniadvisor "))
    ]


@pytest.mark.parametrize("answers", FORMS, ids=str)
def test_text_is_plain_and_fits(answers: dict[str, object]) -> None:
    told = advised(**answers)
    for width in (40, 80, 120):
        text = advice_text(told, today=TODAY, references={}, width=width)
        assert too_wide(text, width) == []
        assert all(line == line.rstrip() for line in text.splitlines())
        assert text.replace("\n", "").isprintable()


@pytest.mark.parametrize("answers", FORMS, ids=str)
def test_every_citation_has_its_source(answers: dict[str, object]) -> None:
    told = advised(**answers)
    for text in (text_of(told), advice_markdown(told, today=TODAY).replace("\\", "")):
        body, _, sources = text.partition("Sources\n")
        cited = {int(number) for number in re.findall(r"\[(\d+)\]", body)}
        listed = [int(n) for n in re.findall(r"^(?:- )?\[(\d+)\]", sources, re.MULTILINE)]
        assert listed == list(range(1, len(listed) + 1))
        assert cited == set(listed)


def test_all_forms_say_the_same() -> None:
    for answers in FORMS:
        told = advised(**answers)
        choice = told.choice
        document = advice_object(told)
        name = None if choice is None else choice.profile.name
        given = cast("dict[str, Any] | None", document["recommendation"])
        assert (None if given is None else given["cni"]) == name
        sentence = recommendation_sentence(told)
        assert sentence in " ".join(text_of(told).split())
        assert sentence in advice_markdown(told, today=TODAY).replace("\\", "")


def test_the_record_is_golden(golden_file: Callable[[str, str], None]) -> None:
    catalogue = replace(shipped(), campaigns=())
    told = advise(
        catalogue,
        answers_of({"policy": 3, "current": "flannel", "encrypted": "yes"}),
        today=TODAY,
    )
    golden_file("advice.md", advice_markdown(told, today=TODAY))


def test_the_text_is_golden(golden_file: Callable[[str, str], None]) -> None:
    told = advise(replace(shipped(), campaigns=()), {"balance": "3"}, today=TODAY)
    golden_file("advice.txt", text_of(told))


def test_the_record_is_about_a_page() -> None:
    record = advice_markdown(advised(policy=3, current="flannel"), today=TODAY)
    assert record.count("\n") < 95
    for heading in ("Context", "Decision", "Reasons", "Consequences", "Alternatives", "Sources"):
        assert f"\n## {heading}\n" in record


def test_json_has_the_keys_scripts_rely_on() -> None:
    document = json.loads(advice_json(advised(simplicity=3, windows=True)))
    assert {"recommendation", "ranking", "sensitivity", "confidence"} <= set(document)
    assert document["recommendation"]["cni"] == "flannel"
    first, *_, last = document["ranking"]
    assert {"cni", "score", "excluded", "reasons", "cautions"} <= set(first)
    assert (first["cni"], first["score"], first["excluded"]) == ("flannel", 1.0, None)
    assert (last["score"], last["excluded"][0]["need"]) == (None, "Windows nodes")
    assert last["excluded"][0]["facts"][0]["source"]["url"].startswith("https://")
    assert document["confidence"] == "high"
    assert json.loads(advice_json(advised(windows=True, l7=True)))["recommendation"] is None


def test_nobody_fits_is_said_with_what_would_help() -> None:
    text = text_of(advised(windows=True, l7=True))
    assert text.startswith("No CNI that is known here meets all that you need.")
    assert "Excluded" in text
    assert "Cilium: Runs on Linux nodes only." in text
    assert "windows: no" in text


def test_two_answers_where_the_facts_do_not_carry_the_article() -> None:
    told = advised(policy=3)
    assert "recommends Calico, too" in article_sentence(told)
    assert told.article is not None
    other = replace(told, article=replace(told.article, agrees=False, article_score=0.6))
    assert "Both are possible answers." in article_sentence(other)
    assert "0.60" in article_sentence(other)
    assert article_sentence(advised(policy=3, windows=True)) == ""


def test_equality_is_said() -> None:
    told = advised(encryption=3)
    assert equal_sentence(told) == ""
    first, second, *rest = told.ranking
    level = replace(told, ranking=(first, replace(second, equal_to_first=True), *rest))
    assert "Cilium and Canal are equal" in equal_sentence(level)


def test_a_cni_that_stays_is_no_failure() -> None:
    fixed: dict[str, object] = {"cni_fixed": True, "current": "other"}
    beside = advised(**fixed, network_policy=True)
    sentence = "Recommended: the CNI that the platform fixes, and Calico beside it."
    assert recommendation_sentence(beside) == sentence
    assert decision_words(beside) == "the CNI that the platform fixes stays, with Calico beside it"
    assert "Calico: Enforces policy beside another CNI" in text_of(beside)
    assert "nothing to choose" in recommendation_sentence(advised(**fixed))
    assert "nothing is known here" in recommendation_sentence(advised(**fixed, l7=True))
    assert "answer which one it is" in recommendation_sentence(advised(cni_fixed=True))
    assert decision_words(advised(windows=True, l7=True)) == "no CNI fits"


def test_it_says_why_not_the_others() -> None:
    told = advised(policy=3)
    for text in (" ".join(text_of(told).split()), advice_markdown(told, today=TODAY)):
        assert "Behind in policy: No tiers of its own policies." in text
    assert "Flannel has it as well:" in text_of(told)
    balance = " ".join(text_of(advised(balance=3)).split())
    assert "Calico: Behind in simplicity: 8 workloads" in balance
    assert "Cilium: Behind in simplicity: 3 workloads" in balance


def test_a_weight_that_counts_nothing_is_told() -> None:
    words = weights_sentence(advised(policy=1, performance=3))
    assert "A weight was given to performance, but nothing is known" in words
    alone = weights_sentence(advised(continuity=3))
    assert alone.endswith("No other priority was given, so balance counts.")
    assert "A weight" not in weights_sentence(advised(small_nodes=True))


def test_confidence_says_why() -> None:
    level = advised(policy=3, kube_proxy_free=True)
    assert "Confidence: low: it is level with Calico" in confidence_sentence(level)
    assert "it is the only CNI that fits" in confidence_sentence(advised(l7=True))
    assert "lower by one step because" in confidence_sentence(advised(balance=3))
    assert "1 fact it rests on is old" in confidence_sentence(
        replace(advised(balance=3), stale=advised(balance=3).stale[:1])
    )


def test_old_facts_are_named_with_their_age() -> None:
    told = advised(balance=3)
    assert "canal.idle_memory_mb" in stale_sentence(told.stale, TODAY)
    assert "2.6 years" in stale_sentence(told.stale, TODAY)
    assert stale_sentence((), TODAY) == ""


def test_published_figures_have_units_and_conditions() -> None:
    told = advised(balance=3)
    brief = "\n".join(campaigns_lines(told))
    assert "MB of memory" not in brief
    whole = "\n".join(campaigns_lines(told, {}, width=200))
    assert "canal 3.27.2: TCP 1 stream 16.4 Gbit/s, TCP 8 streams 38.7 Gbit/s" in whole
    assert "idle node 1281 MB of memory" in whole
    assert "Conditions" in whole
    assert "bare metal" in whole
    one = "\n".join(campaigns_lines(advised(l7=True), {}, width=200))
    assert "canal 3.27.2" not in one


def test_own_reports_are_told_with_their_verdicts(report: Report) -> None:
    own = own_measurements([OwnReport(name="mine.toml", report=report)])
    told = advise(shipped(), {"policy": "3"}, today=TODAY, own=own)
    text = " ".join(text_of(told).split())
    assert "mine.toml: flannel, measured on a cluster" in text
    assert "95 % interval" in text
    assert "Reports of two CNIs from like conditions are needed" in text


def test_text_of_others_stays_text(report: Report) -> None:
    nasty = "a|b <script> [x](http://evil.example) \x1b[2J"
    primary = report.findings.primary
    assert primary is not None
    evil = replace(report, findings=replace(report.findings, primary=replace(primary, name=nasty)))
    own = own_measurements([OwnReport(name=nasty, report=evil)])
    told = advise(shipped(), {}, today=TODAY, own=own)
    record = advice_markdown(told, today=TODAY)
    assert "<script>" not in record
    assert not re.search(r"(?<!\\)\]\(", record)
    assert "\x1b" not in text_of(told)
