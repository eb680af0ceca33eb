import math
from dataclasses import replace

import pytest

from cniadvisor.domain.measurement import PathName, TestName
from cniadvisor.domain.probe import PolicyProbe
from cniadvisor.domain.report import Diagnosis, Report, Severity
from cniadvisor.tui.charts.chart import BarChart, DistributionChart, LineChart
from cniadvisor.tui.charts.sentences import chart_sentence
from cniadvisor.tui.results.outline import Part, outline
from cniadvisor.tui.results.pages import cautions, page
from cniadvisor.tui.results.subjects import MOST_DRAWN, Subjects, subjects_of
from cniadvisor.tui.results.topics import Resource, View, next_view, topics_of, views_of
from cniadvisor.tui.symbols import UNICODE
from cniadvisor.tui.theme import Meaning
from tests.tui.example_reports import example_report, failed


@pytest.fixture(scope="module")
def flannel() -> Report:
    return example_report()


@pytest.fixture(scope="module")
def cilium() -> Report:
    return example_report("cilium", "geneve", run_id="c1", factor=1.04)


@pytest.fixture(scope="module")
def other_kernel() -> Report:
    return example_report("calico", None, run_id="c2", kernel="6.1.0")


def line_chart(subjects: Subjects, view: View = View.ROUNDS) -> LineChart:
    chart = page(subjects, TestName.TCP, view).chart
    assert isinstance(chart, LineChart)
    return chart


def test_one_report_has_its_pod_line_and_its_baseline(flannel: Report) -> None:
    chart = line_chart(subjects_of([flannel]))

    assert [(line.name, line.mark, line.meaning) for line in chart.lines] == [
        ("flannel vxlan", "p", Meaning.POD),
        ("host network", "h", Meaning.HOST),
    ]
    assert chart.lines[0].points == ((1.0, 8910.5), (2.0, 8850.0), (3.0, 8932.75))
    assert chart.title == "TCP: goodput at the receiver"
    assert not chart.from_zero


def test_like_reports_share_one_baseline_the_median_of_theirs(
    flannel: Report, cilium: Report
) -> None:
    chart = line_chart(subjects_of([flannel, cilium]))

    assert [(line.mark, line.name) for line in chart.lines] == [
        ("A", "flannel vxlan"),
        ("B", "cilium geneve"),
        ("h", "host network, median of all reports"),
    ]


def test_unlike_reports_each_have_their_own_baseline_and_a_caution(
    flannel: Report, other_kernel: Report
) -> None:
    subjects = subjects_of([flannel, other_kernel])

    assert [line.mark for line in line_chart(subjects).lines] == ["A", "B", "a", "b"]
    (caution,) = cautions(subjects)
    assert "kernel of the client node" in caution
    text = page(subjects, TestName.TCP, View.ROUNDS).text_for(80)
    assert caution.split()[-1] in text
    assert "is ahead of" not in text


def test_shares_are_percent_of_each_ones_own_baseline(flannel: Report, cilium: Report) -> None:
    chart = line_chart(subjects_of([flannel, cilium]), View.SHARES)

    assert chart.unit == "%"
    assert [level.value for level in chart.levels] == [100.0]
    share = chart.lines[0].points[0][1]
    assert share == pytest.approx(100 * 8910.5 / 9410.25)


def test_every_trial_is_a_point_and_like_baselines_are_one_group(
    flannel: Report, cilium: Report
) -> None:
    chart = page(subjects_of([flannel, cilium]), TestName.TCP, View.TRIALS).chart

    assert isinstance(chart, DistributionChart)
    assert [(group.mark, len(group.values)) for group in chart.groups] == [
        ("A", 3),
        ("B", 3),
        ("h", 6),
    ]


def test_a_failed_round_is_a_gap_in_the_line(flannel: Report) -> None:
    trials = tuple(
        failed(2) if (t.id.test, t.id.path, t.id.round) == (TestName.TCP, PathName.POD, 2) else t
        for t in flannel.trials
    )

    chart = line_chart(subjects_of([replace(flannel, trials=trials)]))

    assert [value for _, value in chart.lines[0].points] == [8910.5, None, 8932.75]


def test_loads_are_bars_of_idle_and_both_paths(flannel: Report) -> None:
    chart = page(subjects_of([flannel]), Resource.CPU, View.LOADS).chart

    assert isinstance(chart, BarChart)
    assert [(bar.name, bar.value, bar.part) for bar in chart.bars] == [
        ("idle", 240.0, 60.0),
        ("host network", 1500.0, 375.0),
        ("pod network", 2250.0, 562.5),
    ]
    assert chart.title == "Busy CPU of both nodes together, mean over tcp and tcp-multi"


def test_loads_of_several_carry_their_letters(flannel: Report, cilium: Report) -> None:
    chart = page(subjects_of([flannel, cilium]), Resource.MEMORY, View.LOADS).chart

    assert isinstance(chart, BarChart)
    assert chart.bars[0].name == "A idle"
    assert chart.bars[-1].name == "B pod network"


def test_tabs_are_the_tests_of_all_and_resources_if_sampled(flannel: Report) -> None:
    assert topics_of([flannel]) == (
        TestName.TCP,
        TestName.TCP_MULTI,
        Resource.CPU,
        Resource.MEMORY,
    )
    assert topics_of([replace(flannel, resources=())]) == (TestName.TCP, TestName.TCP_MULTI)
    assert topics_of([]) == ()


def test_views_follow_each_other_in_a_ring() -> None:
    for topic in (TestName.TCP, Resource.CPU):
        seen: list[View] = []
        view = views_of(topic)[0]
        for _ in views_of(topic):
            seen.append(view)
            view = next_view(topic, view)
        assert (tuple(seen), view) == (views_of(topic), seen[0])
    assert next_view(Resource.CPU, View.SHARES) is View.LOADS


def test_a_chart_says_when_it_has_not_all_reports(flannel: Report) -> None:
    subjects = subjects_of([flannel] * 9)

    assert len(line_chart(subjects).lines) == MOST_DRAWN + 1
    assert cautions(subjects) == ["The chart has the first 6 of 9 reports."]
    assert len(subjects_of([flannel] * 40).reports) == 26


@pytest.mark.parametrize("view", [View.ROUNDS, View.SHARES, View.TRIALS])
def test_a_report_without_trials_says_so(flannel: Report, view: View) -> None:
    bare = replace(flannel, trials=(), summaries=(), comparisons=(), resources=())
    told = page(subjects_of([bare]), TestName.TCP, view)

    assert chart_sentence(told.chart).startswith("No ")
    assert "Not measured." in told.text_for(80)


def test_one_trial_is_one_point(flannel: Report) -> None:
    only = replace(flannel, trials=flannel.trials[:1])
    for view in views_of(TestName.TCP):
        chart = page(subjects_of([only]), TestName.TCP, view).chart
        assert chart_sentence(chart)


def test_no_chart_of_any_page_holds_a_nan(
    flannel: Report, cilium: Report, other_kernel: Report
) -> None:
    for reports in ([flannel], [flannel, cilium], [flannel, other_kernel]):
        subjects = subjects_of(reports)
        for topic in topics_of(reports):
            for view in views_of(topic):
                chart = page(subjects, topic, view, from_zero=True).chart
                assert all(math.isfinite(value) for value in values_of(chart))
                assert chart_sentence(chart)


def values_of(chart: object) -> list[float]:
    match chart:
        case LineChart():
            return [y for line in chart.lines for _, y in line.points if y is not None]
        case DistributionChart():
            return [value for group in chart.groups for value in group.values]
        case BarChart():
            return [bar.value for bar in chart.bars]
        case _:
            return []


def flat(parts: tuple[Part, ...]) -> list[Part]:
    return [one for part in parts for one in (part, *flat(part.parts))]


def test_the_outline_goes_from_conclusions_to_trials(flannel: Report) -> None:
    diagnosis = Diagnosis(
        code="x", severity=Severity.NOTE, text="seen", advice="do", source="a document"
    )
    probe = PolicyProbe(probed_at="2026-11-23T09:00:00+00:00", reason="the pods don't meet")
    parts = outline(replace(flannel, diagnoses=(diagnosis,), policy_probe=probe), UNICODE)

    assert [part.label for part in parts] == [
        "Where and how",
        "TCP: slower",
        "TCP with 4 streams: no detectable difference",
        "CPU and memory",
        "NetworkPolicy: unknown",
        "Diagnoses (1)",
        "Warnings (2)",
        "! Not removed",
    ]
    assert "the pods don't meet" in parts[4].text_for(80)
    assert "Source: a document" in parts[5].text_for(80)
    assert [part.label for part in parts[1].parts][:2] == [
        "round 1 host: 9.41 Gbit/s",
        "round 1 pod: 8.91 Gbit/s",
    ]


def test_every_part_has_words_and_its_chart_a_sentence(flannel: Report) -> None:
    trial = replace(failed(3), failure="[bold]\x1b[1mgone[/]")
    report = replace(flannel, trials=(*flannel.trials, trial))

    parts = flat(outline(report, UNICODE))

    assert all(part.text_for(60).strip() for part in parts)
    charts = [part.chart() for part in parts if part.chart is not None]
    assert len(charts) == 2 + len(flannel.trials) + 1
    assert all(chart_sentence(chart) for chart in charts)
    assert parts[-1].label == "! Not removed"
    assert any(part.label == "round 3 pod: ✗ failed" for part in parts)
