import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cniadvisor.tui.charts.chart import (
    Across,
    Bar,
    BarChart,
    Chart,
    DistributionChart,
    Group,
    Level,
    Line,
    LineChart,
    legend,
)
from cniadvisor.tui.charts.plotext_adapter import draw
from cniadvisor.tui.charts.sentences import chart_sentence
from cniadvisor.tui.options import ChartMarker
from cniadvisor.tui.theme import Meaning

COLOURS = {Meaning.POD: "#4fc3f7", Meaning.HOST: "#ffb454", Meaning.MUTED: "#a3adb8"}
ANSI = re.compile(r"\x1b\[[0-9;]*m")
ANY_FLOAT = st.floats(allow_nan=True, allow_infinity=True)
EVIL_NAME = st.sampled_from(["[bold]x[/]", "数据" * 20, "\x1b[31mred", "‮abc", "", "a\nb"])


def plain(chart: Chart, *, width: int = 60, height: int = 12, **changes: ChartMarker) -> str:
    marker = changes.get("marker", ChartMarker.BRAILLE)
    return ANSI.sub("", draw(chart, width=width, height=height, marker=marker, colours=COLOURS))


def running(*ys: float | None, level: float | None = 9410.0) -> LineChart:
    return LineChart(
        title="TCP on the pod network",
        unit="Mbit/s",
        lines=(
            Line(
                name="pod network",
                mark="P",
                meaning=Meaning.POD,
                points=tuple((float(at + 1), y) for at, y in enumerate(ys)),
            ),
        ),
        levels=()
        if level is None
        else (Level(name="baseline", mark="H", meaning=Meaning.HOST, value=level),),
        across_to=10.0,
    )


def test_a_running_trial_has_its_line_its_baseline_and_units_on_both_axes() -> None:
    text = plain(running(8900.0, 8950.0, 8910.0, 8930.0))
    assert "10.0 Gbit/s" in text
    assert "─────" in text
    assert "4 s" in text
    assert re.search("[⠀-⣿]P", text)
    assert "H" in text
    assert [len(line) for line in text.split("\n")] == [60] * 12


def test_a_missing_second_leaves_its_columns_empty() -> None:
    whole = plain(running(9000.0, 9000.0, 9000.0, 9000.0, 9000.0, level=None), height=8)
    broken = plain(running(9000.0, 9000.0, None, 9000.0, 9000.0, level=None), height=8)
    braille = re.compile("[⠁-⣿]")
    assert len(braille.findall(broken)) < len(braille.findall(whole)) - 5


def test_ascii_draws_nothing_but_ascii_and_its_lines_differ_without_colour() -> None:
    chart = LineChart(
        title="t",
        unit="Mbit/s",
        across=Across.ROUNDS,
        lines=tuple(
            Line(name=name, meaning=meaning, points=((1.0, value), (2.0, value), (3.0, value)))
            for name, meaning, value in (("a", Meaning.POD, 10.0), ("b", Meaning.OTHER1, 20.0))
        ),
        levels=(Level(name="host", meaning=Meaning.HOST, value=25.0),),
    )
    text = plain(chart, marker=ChartMarker.ASCII)
    assert text.isascii()
    assert "aaaa" in text
    assert "bbbb" in text
    assert "----C" in text
    assert [(key.mark, key.name) for key in legend(chart)] == [
        ("A", "a"),
        ("B", "b"),
        ("C", "host"),
    ]


def test_blocks_are_blocks() -> None:
    assert re.search("[▀▄▞█]", plain(running(9000.0, 9100.0), marker=ChartMarker.BLOCK))


def test_marks_of_lines_that_end_together_do_not_cover_each_other() -> None:
    chart = LineChart(
        title="t",
        unit="us",
        lines=tuple(
            Line(name=str(at), meaning=Meaning.POD, points=((0.0, 5.0), (9.0, 5.0)))
            for at in range(5)
        ),
    )
    assert all(mark in plain(chart) for mark in "ABCDE")


def test_a_distribution_shows_every_trial_and_names_its_groups_by_mark() -> None:
    chart = DistributionChart(
        title="d",
        unit="Mbit/s",
        groups=(
            Group(name="flannel", meaning=Meaning.POD, values=(8.0, 12.0, 9.0, 11.0)),
            Group(name="host", meaning=Meaning.HOST, values=(20.0,)),
            Group(name="nothing", meaning=Meaning.OTHER1, values=()),
        ),
    )
    text = plain(chart, height=20)
    assert text.count("•") == 5
    assert re.search(r"A +B +C", text.split("\n")[-1])
    assert chart_sentence(chart) == (
        "flannel median 10.0 Mbit/s, 8.0 to 12.0 Mbit/s, in 4 trials; host 20.0 Mbit/s in 1 trial."
    )


def test_bars_tell_value_and_part_with_their_units() -> None:
    chart = BarChart(
        title="CPU",
        unit="m",
        part_name="in softirq",
        bars=(
            Bar(name="数据", meaning=Meaning.CPU, value=1000.0, part=500.0),
            Bar(name="idle", meaning=Meaning.CPU, value=0.0),
            Bar(name="lost", meaning=Meaning.CPU, value=float("nan")),
        ),
    )
    assert plain(chart, width=46).split("\n") == [
        "数据 ▓▓▓▓▓▓▓▓████████ 1000 m, 500 m in softirq",
        "idle  0 m",
    ]
    assert plain(chart, width=46, marker=ChartMarker.ASCII).count("#") == 8
    assert plain(chart, width=20) == ""
    assert plain(chart, width=46, height=1).count("\n") == 0


@pytest.mark.parametrize(("width", "height"), [(0, 0), (1, 1), (23, 40), (200, 3)])
def test_without_room_there_is_no_picture(width: int, height: int) -> None:
    assert plain(running(9000.0), width=width, height=height) == ""


def test_without_figures_the_sentence_says_so() -> None:
    for chart in (
        running(level=None),
        running(None, float("nan"), level=None),
        DistributionChart(title="d", unit="us"),
        BarChart(title="b", unit="m"),
    ):
        assert plain(chart) == ""
        assert chart_sentence(chart) == "No figures yet."


def test_a_trial_that_has_told_nothing_yet_shows_where_the_baseline_is() -> None:
    assert "───────H" in plain(running())
    assert chart_sentence(running()) == "No figures yet."


def test_the_sentence_of_a_line_tells_median_range_time_and_baseline() -> None:
    assert chart_sentence(running(8900.0, None, 8950.0, 8930.0)) == (
        "pod network median 8.93 Gbit/s, 8.90 to 8.95 Gbit/s, in 4 s; baseline 9.41 Gbit/s."
    )


LINES = st.lists(
    st.builds(
        Line,
        name=EVIL_NAME,
        meaning=st.sampled_from(Meaning),
        points=st.lists(st.tuples(ANY_FLOAT, st.none() | ANY_FLOAT), max_size=40).map(tuple),
    ),
    max_size=4,
).map(tuple)
LEVELS = st.lists(
    st.builds(Level, name=EVIL_NAME, meaning=st.sampled_from(Meaning), value=ANY_FLOAT), max_size=3
).map(tuple)
GROUPS = st.lists(
    st.builds(
        Group,
        name=EVIL_NAME,
        meaning=st.sampled_from(Meaning),
        values=st.lists(ANY_FLOAT, max_size=12).map(tuple),
    ),
    max_size=5,
).map(tuple)
BARS = st.lists(
    st.builds(
        Bar,
        name=EVIL_NAME,
        meaning=st.sampled_from(Meaning),
        value=ANY_FLOAT,
        part=st.none() | ANY_FLOAT,
    ),
    max_size=5,
).map(tuple)
TITLES, UNITS = st.just("t"), st.sampled_from(["Mbit/s", "us", "m"])
CHARTS = st.one_of(
    st.builds(
        LineChart,
        title=TITLES,
        unit=UNITS,
        lines=LINES,
        levels=LEVELS,
        across=st.sampled_from(Across),
        across_to=st.none() | st.floats(min_value=0, max_value=1e5),
        from_zero=st.booleans(),
    ),
    st.builds(DistributionChart, title=TITLES, unit=UNITS, groups=GROUPS),
    st.builds(BarChart, title=TITLES, unit=UNITS, bars=BARS),
)


@settings(deadline=None, max_examples=150)
@given(
    chart=CHARTS,
    width=st.integers(min_value=0, max_value=90),
    height=st.integers(min_value=0, max_value=24),
    marker=st.sampled_from(ChartMarker),
)
def test_whatever_comes_a_chart_fits_its_place_and_has_a_sentence(
    chart: Chart, width: int, height: int, marker: ChartMarker
) -> None:
    text = plain(chart, width=width, height=height, marker=marker)
    lines = text.split("\n") if text else []
    assert len(lines) <= height
    if not isinstance(chart, BarChart):
        assert all(len(line) == width for line in lines)
    assert "\x1b" not in text
    assert chart_sentence(chart).endswith(".")


def test_a_hundred_thousand_points_are_drawn() -> None:
    points = tuple((float(at), 9000.0 + at % 7) for at in range(100_000))
    chart = LineChart(
        title="t", unit="Mbit/s", lines=(Line(name="p", meaning=Meaning.POD, points=points),)
    )
    assert plain(chart, width=200, height=50).count("\n") == 49
