"""What the Plan screen shows of choices and plan: pure."""

from dataclasses import dataclass, field

from cniadvisor.domain.errors import CniAdvisorError
from cniadvisor.domain.measurement import TestName
from cniadvisor.domain.plan import NodeFacts
from cniadvisor.domain.text import printable
from cniadvisor.domain.words import counted
from cniadvisor.stats.volume import estimate
from cniadvisor.tui.choices import Choice
from cniadvisor.tui.runs import PlannedRun, RunChoices
from cniadvisor.tui.symbols import Symbols
from cniadvisor.wording.overview import error_text
from cniadvisor.wording.plan import plan_text
from cniadvisor.wording.words import duration, gigabytes, rate

READ_ONLY = "read-only: a benchmark creates pods, so none can be started here"
RUNNING = "a run is under way; another can start when it has ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanState:
    """Everything the screen draws.

    Attributes:
        planned: what was planned last, maybe for other choices; None when none could be made.
        planning: the cluster is being asked.
        error: why no plan can be made.
        read_only, running: why nothing can be started now.
    """

    choices: RunChoices = field(default_factory=RunChoices)
    planned: PlannedRun | None = None
    planning: bool = False
    error: CniAdvisorError | None = None
    read_only: bool = False
    running: bool = False

    @property
    def current(self) -> PlannedRun | None:
        """The plan for what is chosen now; None while it is made anew."""
        planned = self.planned
        if self.planning or planned is None or planned.choices != self.choices:
            return None
        return planned

    @property
    def can_start(self) -> bool:
        """Whether the run may begin."""
        ready = self.current is not None and not self.current.problems
        return ready and not self.read_only and not self.running


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLine:
    """A sentence with its mark, and the CSS class of its colour."""

    words: str
    style: str


def state_line(state: PlanState, symbols: Symbols) -> PlanLine:
    """Say in one line whether the run can begin, and how much it is."""
    if state.planning:
        return PlanLine(words=f"{symbols.bullet} Planning", style="muted")
    if state.error is not None or state.planned is None:
        return PlanLine(words=f"{symbols.bad} No plan can be made", style="bad")
    if state.read_only:
        return PlanLine(words=f"{symbols.warning} {READ_ONLY.capitalize()}", style="caution")
    if state.running:
        return PlanLine(words=f"{symbols.warning} {RUNNING.capitalize()}", style="caution")
    problems = len(state.planned.problems)
    if problems:
        words = f"{symbols.bad} Can't start yet: {counted(problems, 'problem')} below"
        return PlanLine(words=words, style="bad")
    return PlanLine(words=f"{symbols.good} Ready to start: {amount(state.planned)}", style="good")


def amount(planned: PlannedRun) -> str:
    """Return how long a run takes and how much it moves, in a few words."""
    volume = estimate(planned.plan, planned.target.pair)
    told = f"about {duration(planned.plan.expected_s)}, at most {gigabytes(volume.gigabytes)}"
    if volume.across_zones:
        told += " across zones (it may cost money)"
    return told


def plan_page(state: PlanState, width: int) -> str:
    """Return problems first, then the plan."""
    if state.error is not None:
        return error_text(state.error, width=width)
    planned = state.planned
    if planned is None:
        return ""
    parts = [error_text(problem, width=width) for problem in planned.problems]
    parts.append(plan_text(planned.plan, planned.target, planned.findings, width=width))
    return "\n\n".join(parts)


def start_text(planned: PlannedRun, question: str) -> str:
    """Return what is asked before the run begins."""
    objects = counted(len(planned.target.creates), "object")
    where = printable(planned.target.namespace)
    return (
        f"{objects} in namespace {where}, {amount(planned)}. All of it is removed at the end.\n\n"
        f"{question}"
    )


ROWS = ("suite", "tests", "client", "server", "image", "repeats", "seconds", "limit", "probe")
"""What can be chosen, in the order of the list."""

_LABELS = {
    "suite": "Suite",
    "tests": "Tests",
    "client": "Client node",
    "server": "Server node",
    "image": "Image",
    "repeats": "Rounds",
    "seconds": "Seconds a trial",
    "limit": "Rate limit",
    "probe": "Probe",
}


def row_words(row: str, choices: RunChoices, planned: PlannedRun | None) -> str:
    """Return a line of the list of choices: label, what holds, and where it comes from."""
    return f"{_LABELS[row]:<17}{_holds(row, choices, planned)}"


def _holds(row: str, choices: RunChoices, planned: PlannedRun | None) -> str:
    suite = planned.plan.suite if planned else None
    pair = planned.target.pair if planned else None
    match row:
        case "suite":
            return printable(choices.suite)
        case "tests" if choices.tests is not None:
            return ", ".join(choices.tests)
        case "tests":
            return _from_suite(", ".join(suite.tests) if suite else "")
        case "client":
            return _node(choices.client_node, pair.client if pair else None)
        case "server":
            return _node(choices.server_node, pair.server if pair else None)
        case "image" if choices.image is not None:
            return printable(choices.image)
        case "image":
            image = printable(planned.target.image) if planned else ""
            return image if image.startswith("(") else f"{image} (built here)".strip()
        case "repeats" if choices.repeats is not None:
            return str(choices.repeats)
        case "repeats":
            return _from_suite(str(suite.rounds) if suite else "")
        case "seconds" if choices.duration_s is not None:
            return f"{choices.duration_s} s"
        case "seconds":
            return _from_suite(f"{suite.duration_s:g} s" if suite else "")
        case "limit" if choices.max_rate_mbit_per_s is not None:
            return rate(choices.max_rate_mbit_per_s)
        case "probe" if choices.probes_policy:
            return "is NetworkPolicy enforced? (first)"
        case _:
            return "none"


def _from_suite(told: str) -> str:
    return f"{told} (the suite's)".strip()


def _node(named: str | None, chosen: NodeFacts | None) -> str:
    if named is not None:
        return printable(named)
    return f"{printable(chosen.name)} (chosen)" if chosen else "(chosen)"


def node_choices(nodes: tuple[NodeFacts, ...]) -> list[Choice]:
    """Return the nodes to choose from, with what speaks for or against each."""
    automatic = Choice(value="", words="(let cniadvisor choose)")
    return [automatic, *(Choice(value=node.name, words=_node_words(node)) for node in nodes)]


def _node_words(node: NodeFacts) -> str:
    parts = [
        printable(node.name),
        node.architecture,
        f"{node.cpu_millicores / 1000:g} cores",
        f"zone {printable(node.zone)}" if node.zone else "zone not known",
    ]
    against = {
        "not Ready": not node.ready,
        "cordoned": not node.schedulable,
        "tainted": node.tainted,
        "control plane": node.control_plane,
    }
    return ", ".join([*parts, *(words for words, holds in against.items() if holds)])


def test_choices() -> list[Choice]:
    """Return the tests to choose from."""
    return [Choice(value=test.value, words=test.value) for test in TestName]
