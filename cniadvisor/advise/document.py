"""The answer as the JSON that scripts rely on: keys may be added, none is ever renamed."""

import json
from collections.abc import Mapping
from typing import TypeAlias

from cniadvisor.advise.measured import Probed
from cniadvisor.advise.profile import Fact, Option
from cniadvisor.advise.recommendation import Flip, Move, Ranked, Reason, Recommendation
from cniadvisor.advise.scoring import AxisValue

Document: TypeAlias = dict[str, object]


def advice_json(told: Recommendation) -> str:
    """Return :func:`advice_object` as JSON text."""
    return json.dumps(advice_object(told), indent=2, ensure_ascii=False, allow_nan=False)


def advice_object(told: Recommendation) -> Document:
    """Return a recommendation as plain dicts and lists; ``recommendation`` is null for nobody."""
    choice = told.choice
    return {
        "recommendation": None if choice is None else _choice(choice),
        "confidence": told.confidence.value,
        "lead": None if told.lead is None else round(told.lead, 6),
        "additions": [
            {"name": one.profile.name, "facts": [_fact(fact) for fact in one.facts]}
            for one in told.additions
        ],
        "ranking": [_ranked(one) for one in told.ranking],
        "given_up": [
            {"what": one.label, "others": [_fact(fact) for fact in one.others]}
            for one in told.given_up
        ],
        "others_can": [{"axis": one.axis, **_fact(one.fact)} for one in told.others_can],
        "sensitivity": [_flip(flip) for flip in told.sensitivity],
        "weights": dict(told.weights),
        "unasked": told.unasked,
        "answers": [
            {
                "question": one.question.name,
                "value": one.choice.value,
                "by": one.by.value,
                "evidence": one.evidence or None,
                "pointless": one.pointless or None,
            }
            for one in told.answers
        ],
        "article": None
        if told.article is None
        else {
            "axis": told.article.axis,
            "cni": told.article.article.name,
            "score": told.article.article_score,
            "agrees": told.article.agrees,
        },
        "move": None if told.move is None else _move(told.move),
        "commands": list(told.commands),
        "stale": [_fact(fact) for fact in told.stale],
        "inferred": [_fact(fact) for fact in told.inferred],
        "unknown": list(told.unknown),
        "measured": {
            "reports": [one.name for one in told.own.reports],
            "values": dict(told.own.measured.values),
            "ahead": [
                {"test": one.test.value, "winner": one.winner, "loser": one.loser}
                for one in told.own.ahead
            ],
            "undecided": [test.value for test in told.own.undecided],
            "uncounted": list(told.own.uncounted),
            "policy_probes": [_probed(one) for one in told.own.probes],
        },
        "references": [
            {"name": one.name, "title": one.title, "date": one.date.isoformat(), "url": one.url}
            for one in told.campaigns
        ],
    }


def _probed(probed: Probed) -> Document:
    return {
        "report": None if probed.report is None else probed.report.name,
        "enforcement": probed.probe.enforcement.value,
        "probed_at": probed.probe.probed_at,
    }


def _choice(choice: Ranked) -> Document:
    profile = choice.profile
    return {
        "cni": profile.name,
        "version": profile.version,
        "installed_by": profile.installed_by,
        "options": [_option(option) for option in choice.options],
    }


def _ranked(one: Ranked) -> Document:
    excluded = [
        {"need": miss.label, "facts": [_fact(fact) for fact in miss.facts]} for miss in one.unmet
    ]
    if one.fixed_out:
        excluded.append(
            {"need": "the CNI that runs now, because the platform fixes it", "facts": []}
        )
    return {
        "cni": one.profile.name,
        "score": None if one.score is None else round(one.score, 6),
        "equal_to_first": one.equal_to_first,
        "excluded": excluded or None,
        "options": [_option(option) for option in one.options],
        "axes": {name: _axis(value) for name, value in one.values.items()},
        "reasons": [_reason(reason) for reason in one.reasons],
        "cautions": [_reason(reason) for reason in one.cautions],
    }


def _axis(value: AxisValue) -> Document:
    return {
        "value": value.value,
        "criteria": {met.criterion.key: met.value for met in value.criteria},
        "worst_of": {part.axis.name: _axis(part) for part in value.worst},
    }


def _option(option: Option) -> Mapping[str, object]:
    return {"name": option.name, "how": option.how, "automatic": option.automatic}


def _reason(reason: Reason) -> Document:
    return {"about": reason.about, **_fact(reason.fact)}


def _fact(fact: Fact) -> Document:
    source = fact.source
    return {
        "cni": fact.cni,
        "key": fact.key,
        "option": fact.option or None,
        "value": fact.value,
        "text": fact.text,
        "source": {
            "what": source.what,
            "version": source.version,
            "date": source.date.isoformat(),
            "kind": source.kind.value,
            "url": source.url or None,
        },
    }


def _flip(flip: Flip) -> Document:
    return {
        "question": flip.question.name,
        "from": flip.before.value,
        "to": flip.after.value,
        "steps": flip.steps,
        "becomes": None if flip.becomes is None else flip.becomes.name,
    }


def _move(move: Move) -> Document:
    return {
        "from": move.origin,
        "stays": move.stays,
        "live": None if move.way is None else move.way.live,
        "text": None if move.way is None else move.way.fact.text,
    }
