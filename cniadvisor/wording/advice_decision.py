"""What the advisor decides, in sentences: who, with what switched on, how sure, what counts."""

from collections.abc import Iterator

from cniadvisor.advise.profile import Profile
from cniadvisor.advise.recommendation import Addition, Answered, Ranked, Recommendation
from cniadvisor.domain.text import printable
from cniadvisor.domain.words import listed

NOBODY = "No CNI that is known here meets all that you need."


def decision_words(told: Recommendation) -> str:
    """Return the decision as the title of a record: ``Calico as the CNI``."""
    if told.choice is not None:
        return f"{printable(told.choice.profile.title)} as the CNI"
    if not _stays(told):
        return "no CNI fits"
    return f"the CNI that the platform fixes stays{_beside(told, ', with {} beside it')}"


def decision_sentences(told: Recommendation) -> Iterator[str]:
    """Say who is recommended, what to switch on, how sure that is, and what counts."""
    choice = told.choice
    yield recommendation_sentence(told)
    if choice is not None:
        yield from option_sentences(choice)
        yield installed_sentence(choice)
    yield from map(addition_sentence, told.additions)
    yield from filter(None, (confidence_sentence(told), weights_sentence(told)))
    yield from filter(None, (equal_sentence(told), article_sentence(told)))


def recommendation_sentence(told: Recommendation) -> str:
    """Say what is recommended, in one sentence."""
    choice = told.choice
    if choice is None:
        return printable(_staying_sentence(told)) if _stays(told) else NOBODY
    options = [option for option in choice.options if not option.automatic]
    switched = f" with {listed([option.title for option in options])}" if options else ""
    beside = _beside(told, ", and {} in addition")
    return printable(f"Recommended: {choice.profile.title}{switched}{beside}.")


def _stays(told: Recommendation) -> bool:
    """Whether the platform fixes a CNI that is none of those known here."""
    return bool(told.ranking) and all(one.fixed_out for one in told.ranking)


def _staying_sentence(told: Recommendation) -> str:
    if not any(one.choice.effect.current for one in told.answers):
        return "The platform fixes the CNI, but none runs yet: answer which one it is (current)."
    if told.additions:
        return f"Recommended: the CNI that the platform fixes{_beside(told, ', and {} beside it')}."
    if any(one.choice.effect.needs for one in told.answers):
        return (
            "The CNI that the platform fixes stays, and nothing is known here that would do beside "
            "it all that you need."
        )
    return "The CNI that the platform fixes stays: there is nothing to choose."


def _beside(told: Recommendation, words: str) -> str:
    titles = [addition.profile.title for addition in told.additions]
    return words.format(listed(titles)) if titles else ""


def equal_sentence(told: Recommendation) -> str:
    """Say that the order of the first ones says nothing; empty if it does."""
    equal = [one.profile.title for one in told.ranking if one.equal_to_first]
    choice = told.choice
    if choice is None or not equal:
        return ""
    return (
        f"{listed([choice.profile.title, *equal])} are equal by what counts here: what runs now "
        "comes first among them, then the order is by balance and by name."
    )


def confidence_sentence(told: Recommendation) -> str:
    """Say how sure the recommendation is, and why not surer; empty where nothing was chosen."""
    if told.choice is None:
        return "" if _stays(told) else "Every exclusion below names the fact it rests on."
    if told.lead is None:
        lead = "it is the only CNI that fits"
    else:
        second = told.ranking[1].profile.title
        ahead = f"it leads {second} by {told.lead:.2f} of 1"
        lead = f"it is level with {second}" if told.ranking[1].equal_to_first else ahead
    doubts = [
        _counting(len(told.stale), "fact it rests on is old", "facts it rests on are old"),
        _counting(
            len(told.inferred),
            "reason for it is inferred and not read",
            "reasons for it are inferred and not read",
        ),
        _counting(
            len(told.unknown), "thing that counts is not known", "things that count are not known"
        ),
    ]
    because = listed([doubt for doubt in doubts if doubt])
    lowered = f"; lower by one step because {because}" if because else ""
    return f"Confidence: {told.confidence.value}: {lead}{lowered}."


def _counting(number: int, one: str, many: str) -> str:
    """Return ``3 facts it rests on are old``; empty for none."""
    return f"{number} {one if number == 1 else many}" if number else ""


def weights_sentence(told: Recommendation) -> str:
    """Say what counted how much, and which weight counted nothing; empty if nothing was ranked."""
    if told.choice is None:
        return ""
    total = sum(told.weights.values())
    shares = [f"{axis} {100 * weight / total:.0f} %" for axis, weight in told.weights.items()]
    idle = [one.question.scale for one in told.answers if _is_idle(one, told)]
    sentences = [f"What counts: {listed(shares)}."]
    if idle:
        sentences.append(
            f"A weight was given to {listed(idle)}, but nothing is known by which the CNIs that "
            "fit differ in it."
        )
    if told.unasked:
        other = " other" if idle else ""
        stays = ", and that what runs now stays" if len(told.weights) > 1 else ""
        sentences.append(f"No{other} priority was given, so balance counts{stays}.")
    return printable(" ".join(sentences))


def _is_idle(answered: Answered, told: Recommendation) -> bool:
    """Whether a priority was given that does not count."""
    axis = answered.question.scale
    return bool(axis) and axis not in told.weights and any(answered.choice.effect.weights.values())


_THE_ARTICLE = "the article this project began with (S. Boydadaev, HackerNoon, 2024)"


def article_sentence(told: Recommendation) -> str:
    """Say how this relates to what the article the project began with recommends; else empty."""
    article, choice = told.article, told.choice
    if article is None or choice is None:
        return ""
    told_by = f"For {article.axis} alone {_THE_ARTICLE} recommends {article.article.title}"
    if article.agrees:
        return f"{told_by}, too."
    score = "excluded" if article.article_score is None else f"{article.article_score:.2f}"
    return (
        f"{told_by}. The facts here don't carry that: {choice.profile.title} reaches "
        f"{choice.score or 0:.2f} of 1, {article.article.title} {score}. Both are possible answers."
    )


def option_sentences(choice: Ranked) -> Iterator[str]:
    """Say how it comes on this distribution, what must be switched on, and how."""
    for option in choice.options:
        if option.automatic:
            yield printable(f"{option.title}: {option.how}.")
        else:
            yield printable(f"Switch on {option.title}: {option.how}.")


def installed_sentence(choice: Ranked) -> str:
    """Say which version and which installation the facts are about."""
    profile = choice.profile
    comes = [option.title for option in choice.options if option.automatic]
    but = f", with what is different in {listed(comes)}" if comes else ""
    return printable(
        f"The facts are about {name_words(profile)} as installed by {profile.installed_by}{but}."
    )


def addition_sentence(addition: Addition) -> str:
    """Say what is recommended in addition."""
    name = name_words(addition.profile)
    if any(fact.key == "several_interfaces" for fact in addition.facts):
        return f"In addition: {name}, for pods with several interfaces."
    return f"In addition: {name}, as the policy engine beside the CNI that stays."


def name_words(profile: Profile) -> str:
    """Return ``Canal 3.32.1``."""
    return f"{printable(profile.title)} {printable(profile.version)}"
