"""What the advisor says, sentence by sentence: the same in every face and in every form."""

from collections.abc import Iterator, Sequence
from datetime import date

from cniadvisor.advise.measured import OwnMeasurements
from cniadvisor.advise.profile import Evidence, Fact, Profile, Source
from cniadvisor.advise.recommendation import (
    Addition,
    Answered,
    AnsweredBy,
    Flip,
    Ranked,
    Recommendation,
)
from cniadvisor.domain.text import printable
from cniadvisor.domain.words import counted, listed
from cniadvisor.wording.probes import probe_sentence
from cniadvisor.wording.report import comparison_sentence
from cniadvisor.wording.words import test_name

NOBODY = "No CNI that is known here meets all that you need."

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


def name_words(profile: Profile) -> str:
    """Return ``Canal 3.32.1``."""
    return f"{printable(profile.title)} {printable(profile.version)}"


def decision_sentences(told: Recommendation) -> Iterator[str]:
    """Say who is recommended, what to switch on, how sure that is, and what counts."""
    choice = told.choice
    yield recommendation_sentence(told)
    if choice is not None:
        yield from option_sentences(choice)
        yield installed_sentence(choice)
    yield from map(addition_sentence, told.additions)
    yield confidence_sentence(told)
    yield weights_sentence(told)
    yield from filter(None, (equal_sentence(told), article_sentence(told)))


def recommendation_sentence(told: Recommendation) -> str:
    """Say what is recommended, in one sentence."""
    choice = told.choice
    if choice is None:
        return NOBODY
    options = [option for option in choice.options if not option.automatic]
    switched = f" with {listed([option.title for option in options])}" if options else ""
    beside = [addition.profile.title for addition in told.additions]
    addition = f", and {listed(beside)} in addition" if beside else ""
    return printable(f"Recommended: {name_words(choice.profile)}{switched}{addition}.")


def equal_sentence(told: Recommendation) -> str:
    """Say that the order of the first ones says nothing; empty if it does."""
    equal = [one.profile.title for one in told.ranking if one.equal_to_first]
    choice = told.choice
    if choice is None or not equal:
        return ""
    return (
        f"{listed([choice.profile.title, *equal])} are equal by what counts here; the order among "
        "them is by balance and then by name."
    )


def confidence_sentence(told: Recommendation) -> str:
    """Say how sure the recommendation is, and why not surer."""
    if told.choice is None:
        return "Every exclusion below names the fact it rests on."
    if told.lead is None:
        lead = "it is the only CNI that fits"
    else:
        second = told.ranking[1].profile.title
        lead = f"it leads {second} by {told.lead:.2f} of 1"
    doubts = [
        words
        for words in (
            _of_them(len(told.stale), "fact it rests on", "old"),
            _of_them(len(told.inferred), "reason for it", "inferred and not read"),
            _of_them(len(told.unknown), "thing that counts", "not known"),
        )
        if words
    ]
    lowered = f"; lower by one step because {listed(doubts)}" if doubts else ""
    return f"Confidence: {told.confidence.value}: {lead}{lowered}."


def _of_them(number: int, what: str, how: str) -> str:
    """Return ``3 facts it rests on are old``; empty for none."""
    noun, _, rest = what.partition(" ")
    return (
        f"{counted(number, noun)} {rest} {'is' if number == 1 else 'are'} {how}" if number else ""
    )


def weights_sentence(told: Recommendation) -> str:
    """Say what counted how much."""
    total = sum(told.weights.values())
    shares = [f"{axis} {100 * weight / total:.0f} %" for axis, weight in told.weights.items()]
    stays = ", and that what runs now stays" if len(told.weights) > 1 else ""
    unasked = f" No priority was given, so balance counts{stays}." if told.unasked else ""
    return f"What counts: {listed(shares)}.{unasked}"


def article_sentence(told: Recommendation) -> str:
    """Say how this relates to what the article the project began with recommends; else empty."""
    article, choice = told.article, told.choice
    if article is None or choice is None:
        return ""
    if article.agrees:
        return (
            f"For {article.axis} alone the article this project began with recommends "
            f"{article.article.title}, too."
        )
    score = "excluded" if article.article_score is None else f"{article.article_score:.2f}"
    return (
        f"For {article.axis} alone the article this project began with recommends "
        f"{article.article.title}. The facts here don't carry that: {choice.profile.title} reaches "
        f"{choice.score or 0:.2f} of 1, {article.article.title} {score}. Both are possible answers."
    )


def option_sentences(choice: Ranked) -> Iterator[str]:
    """Say what must be switched on, and how."""
    for option in choice.options:
        if option.automatic:
            yield printable(f"It is {option.title}: {option.how}.")
        else:
            yield printable(f"Switch on {option.title}: {option.how}.")


def installed_sentence(choice: Ranked) -> str:
    """Say which installation the facts are about."""
    profile = choice.profile
    return printable(f"The facts are about {profile.title} as installed by {profile.installed_by}.")


def addition_sentence(addition: Addition) -> str:
    """Say what is recommended in addition."""
    name = name_words(addition.profile)
    if any(fact.key == "several_interfaces" for fact in addition.facts):
        return f"In addition: {name}, for pods with several interfaces."
    return f"In addition: {name}, as the policy engine beside the CNI that stays."


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
    target = choice.profile.title
    if move.stays:
        yield f"{target} runs already: nothing moves."
    elif move.way is not None:
        how = "while the cluster runs" if move.way.live else "not while the cluster runs"
        yield f"From {move.origin} to {target}, {how}: {sources.cited(move.way.fact)}"
    else:
        yield (
            f"No way from {move.origin} to {target} is documented: plan new nodes or a new cluster."
        )
    if not move.stays:
        yield (
            "Pods keep the network they were started with until they are restarted, and what the "
            "old CNI leaves behind (configuration files, interfaces) must go: cniadvisor detect "
            "shows it."
        )


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
        test = test_name(ahead.test, 1) if ahead.test.value != "tcp-multi" else "TCP, many streams"
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
