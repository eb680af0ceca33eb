"""A chart with its title, its legend as text above and its sentence below."""

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.events import Resize
from textual.reactive import reactive
from textual.widget import Widget

from cniadvisor.domain.text import printable
from cniadvisor.tui.app_of import app_of
from cniadvisor.tui.charts.chart import Chart, legend
from cniadvisor.tui.charts.sentences import chart_sentence
from cniadvisor.tui.options import ChartMarker
from cniadvisor.tui.theme import Meaning, colour
from cniadvisor.tui.widgets.words import Words


def next_marker(marker: ChartMarker) -> ChartMarker:
    """Return the marker that follows when a person asks for another."""
    every = list(ChartMarker)
    return every[(every.index(marker) + 1) % len(every)]


class ChartView(Vertical):
    """Show one chart; set :attr:`chart` to show another.

    It is drawn anew only for new figures, another size, theme or marker. Where there is no room
    for a picture the sentence alone is shown.
    """

    DEFAULT_CSS = """
    ChartView { height: 1fr; }
    ChartView > .title { height: 1; text-style: bold; text-wrap: nowrap; text-overflow: ellipsis; }
    ChartView > .legend { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    ChartView > .sentence { height: auto; max-height: 3; color: $text-muted; }
    ChartView.-sentence > .title { display: none; }
    ChartView.-no-picture > .legend, ChartView.-no-picture > _Picture { display: none; }
    """

    chart: reactive[Chart | None] = reactive(None, always_update=False)
    marker: reactive[ChartMarker] = reactive(ChartMarker.BRAILLE)

    def __init__(
        self,
        chart: Chart | None = None,
        *,
        marker: ChartMarker = ChartMarker.BRAILLE,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._composed = False
        self.set_reactive(ChartView.chart, chart)
        self.set_reactive(ChartView.marker, marker)

    def compose(self) -> ComposeResult:
        """Yield title, legend, picture and sentence."""
        yield Words(classes="title")
        yield Words(classes="legend")
        yield _Picture()
        yield Words(classes="sentence")

    def on_mount(self) -> None:
        """Follow the theme, and show what there is as soon as there is a place for it."""
        self.watch(app_of(self), "theme", self._show, init=False)
        # Text that is set before the first layout keeps the height it had then.
        self.call_after_refresh(self._begin)

    def on_resize(self, event: Resize) -> None:
        """Leave the picture out where there is no room for it."""
        without = event.size.width < _NARROWEST or event.size.height < _LOWEST
        self.set_class(without, "-no-picture")
        self.set_class(event.size.height < _TITLE_AND_SENTENCE, "-sentence")

    def watch_chart(self) -> None:
        """Show other figures."""
        self._show()

    def watch_marker(self) -> None:
        """Draw with something else."""
        self._show()

    @property
    def sentence(self) -> str:
        """What the chart says."""
        return chart_sentence(self.chart) if self.chart is not None else ""

    def _begin(self) -> None:
        self._composed = True
        self._show()

    def _show(self) -> None:
        if not self._composed:
            return
        chart = self.chart
        app = app_of(self)
        colours = {meaning: colour(app, meaning) for meaning in Meaning}
        self.query_one(".title", Words).say(printable(chart.title) if chart else "")
        self.query_one(".legend", Words).say(_legend(chart, colours))
        self.query_one(".sentence", Words).say(self.sentence)
        self.query_one(_Picture).show(chart, self.marker, colours)


_NARROWEST = 34
_LOWEST = 8
"""A title, a legend, a sentence of two lines and the least picture that says something."""

_TITLE_AND_SENTENCE = 3


def _legend(chart: Chart | None, colours: dict[Meaning, str]) -> Content:
    entries = [
        Content(f"{key.mark} {printable(key.name, limit=80)}").stylize(colours[key.meaning])
        for key in (legend(chart) if chart is not None else ())
    ]
    return Content("   ").join(entries)


class _Picture(Widget):
    """The drawn part; what it shows is kept until something about it changes."""

    DEFAULT_CSS = """
    _Picture { height: 1fr; min-height: 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._chart: Chart | None = None
        self._marker = ChartMarker.BRAILLE
        self._colours: dict[Meaning, str] = {}
        self._drawn: tuple[tuple[object, ...], Text] | None = None

    def show(self, chart: Chart | None, marker: ChartMarker, colours: dict[Meaning, str]) -> None:
        """Show a chart; nothing is drawn if it is the one that is shown already."""
        if (chart, marker, colours) == (self._chart, self._marker, self._colours):
            return
        self._chart, self._marker, self._colours = chart, marker, colours
        self._drawn = None
        self.refresh()

    def render(self) -> Text:
        """Return the picture for the size there is."""
        from cniadvisor.tui.charts.plotext_adapter import draw

        size = self.content_size
        if self._drawn is None or self._drawn[0] != (size,):
            text = ""
            if self._chart is not None:
                text = draw(
                    self._chart,
                    width=size.width,
                    height=size.height,
                    marker=self._marker,
                    colours=self._colours,
                )
            self._drawn = ((size,), Text.from_ansi(text, no_wrap=True, end=""))
        return self._drawn[1]
