"""What the advisor says, sentence by sentence: the same in every face and in every form."""

from collections.abc import Iterator, Sequence
from datetime import date

from cniadvisor.advise.measured import OwnMeasurements
from cniadvisor.advise.profile import Evidence, Fact, Source
from cniadvisor.advise.recommendation import (
    Answered,
    AnsweredBy,
    Flip,
    Ranked,
    Recommendation,
)
from cniadvisor.domain.text import printable
from cniadvisor.domain.words import listed
from cniadvisor.wording.probes import probe_sentence
from cniadvisor.wording.report import comparison_sentence
from cniadvisor.wording.words import test_name

UNANSWERED = "Nothing was answered: the questionnaire's defaults hold."

_DAYS_A_YEAR = 365.25


class Sources:
    """Numbers the sources in the order in which they are first cited."""

    def __init__(self) -> None:
        self._numbers: dict[Source, int] = {}

    def cited(self, fact: Fact) -> str:
        """Return a fact's sentence with the number of its source: ``Not privileged. [2]``."""
        number = self._numbers.setdefault(fact.source, len(self._numbers) + 1)
        return f"{printable(fact.text)} [{number}]"

    def numbered(self) -> list[tuple[int, Source]]:
        """Return every cited source with its number."""
        return [(number, source) for source, number in self._numbers.items()]


def source_words(source: Source) -> str:
    """Return what a source is, with version and date."""
    kind = " (inferred, not read)" if source.kind is Evidence.INFERENCE else ""
    return printable(f"{source.what}, version {source.version}, {source.date}{kind}")


def excluded_sentences(one: Ranked, sources: Sources) -> Iterator[str]:
    """Say why a CNI is excluded: needs it doesn't meet, by which facts."""
    if one.fixed_out:
        yield "The platform fixes another CNI (your answer)."
    for miss in one.unmet:
        if not miss.facts:
            yield f"No {printable(miss.label)}: its profile says nothing about it."
        else:
            yield " ".join(sources.cited(fact) for fact in miss.facts)


def given_up_sentences(told: Recommendation) -> Iterator[str]:
    """Say what is given up, by who has it."""
    titles = {one.profile.name: one.profile.title for one in told.ranking}
    by_whom: dict[tuple[str, ...], list[str]] = {}
    for lost in told.given_up:
        whom = tuple(titles[fact.cni] for fact in lost.others)
        by_whom.setdefault(whom, []).append(lost.label)
    for whom, labels in by_whom.items():
        yield f"{listed(whom)} can, this can't: {', '.join(labels)}."


def flip_sentence(flip: Flip) -> str:
    """Say which answer would change the recommendation."""
    after = f'"{flip.after.label}" instead of "{flip.before.label}"'
    becomes = "nobody fits" if flip.becomes is None else f"it is {flip.becomes.title}"
    return printable(f"{flip.question.ask} With {after} {becomes}.")


def flip_sentences(told: Recommendation) -> Iterator[str]:
    """Say what would change the answer: the nearest change, then all by what they lead to."""
    if not told.sensitivity:
        yield "No other answer to a single question does."
        return
    yield f"Nearest: {flip_sentence(told.sensitivity[0])}"
    for title in dict.fromkeys(_becomes(flip) for flip in told.sensitivity):
        answers = [
            f"{flip.question.name}: {flip.after.label}"
            for flip in told.sensitivity
            if _becomes(flip) == title
        ]
        yield printable(f"{title}, if one of these is the answer: {'; '.join(answers)}.")


def _becomes(flip: Flip) -> str:
    return "Nobody" if flip.becomes is None else flip.becomes.title


def move_sentences(told: Recommendation, sources: Sources) -> Iterator[str]:
    """Say how to get from what runs now to the recommendation."""
    move, choice = told.move, told.choice
    if move is None or choice is None:
        return
    titles = {one.profile.name: one.profile.title for one in told.ranking}
    target, origin = choice.profile.title, titles.get(move.origin, "the CNI that runs")
    if move.stays:
        switched = any(not option.automatic for option in choice.options)
        but = ", only what is named above is switched on if it is off" if switched else ""
        yield f"{target} runs already: nothing moves{but}."
    elif move.way is None:
        yield f"No way from {origin} to {target} is documented: plan new nodes or a new cluster."
    else:
        how = "while the cluster runs" if move.way.live else "not while the cluster runs"
        yield f"From {origin} to {target}, {how}: {sources.cited(move.way.fact)}"
    if move.way is not None and move.way.live:
        yield (
            "Pods keep the network they were started with until they are restarted. What the old "
            "CNI leaves behind on the nodes (configuration files, interfaces) must go; cniadvisor "
            "detect names what it leaves in the cluster."
        )


def added_sentences(told: Recommendation, sources: Sources) -> Iterator[str]:
    """Say what speaks for what goes beside, and what to mind with it."""
    for addition in told.additions:
        for fact in addition.facts:
            yield f"{printable(addition.profile.title)}: {sources.cited(fact)}"


def verify_words(told: Recommendation) -> str:
    """Return the heading of the commands that verify it: which of them is run when."""
    changes = sum(command.startswith("cniadvisor bench") for command in told.commands) > 1
    when = ": the first command before the change, the others after it" if changes else ""
    return f"Verify it on your cluster{when}"


def own_sentences(own: OwnMeasurements) -> Iterator[str]:
    """Say what own probes and reports tell: each report against its baseline, then all."""
    for probed in own.probes:
        where = "the cluster in use" if probed.report is None else probed.report.name
        yield printable(f"Probed on {where}: {probe_sentence(probed.probe)}")
    for one in own.reports:
        report = one.report
        where = "on the lab" if report.target.kind == "lab" else "on a cluster"
        cni = one.cni or "a CNI that was not found out"
        yield printable(f"{one.name}: {cni}, measured {where}, {report.run.started_at}.")
        for comparison in one.comparisons:
            yield comparison_sentence(comparison, report.summaries, streams=report.plan.streams)
        for problem in one.problems:
            yield printable(f"Mend this first, it may decide more than the CNI: {problem.text}")
    for ahead in own.ahead:
        test = test_name(ahead.test, None)
        yield f"{test}: {ahead.winner} is ahead of {ahead.loser}, outside the noise."
    if own.undecided:
        tests = listed([test.value for test in own.undecided])
        yield f"No detectable difference in {tests}: this doesn't count."
    yield from own.uncounted


def answer_words(answered: Answered) -> str:
    """Return an answer, and where it is from."""
    label = printable(answered.choice.label)
    if answered.by is AnsweredBy.CLUSTER:
        return f"{label} (from the cluster: {printable(answered.evidence)})"
    if answered.by is AnsweredBy.DEFAULT:
        return f"{label} (not answered)"
    return label


def mattering(answers: Sequence[Answered]) -> list[Answered]:
    """Return the answers worth telling: all but those that nobody gave."""
    return [one for one in answers if one.by is not AnsweredBy.DEFAULT]


def stale_sentence(facts: Sequence[Fact], today: date) -> str:
    """Say which facts are old; empty if none is."""
    if not facts:
        return ""
    oldest = max(fact.age_days(today) for fact in facts) / _DAYS_A_YEAR
    names = listed(list(dict.fromkeys(f"{fact.cni}.{fact.key}" for fact in facts)))
    return (
        f"{printable(names)}: the oldest is {oldest:.1f} years old. Look whether they still hold; "
        "--profiles DIR replaces them."
    )
