"""An app with nothing but the Live screen, for tests of it."""

from typing import ClassVar

from textual.app import App
from textual.binding import Binding, BindingType

from cniadvisor.tui.app import CniAdvisorApp
from cniadvisor.tui.runs import RunHandle
from cniadvisor.tui.screens.live import LiveScreen
from cniadvisor.tui.symbols import UNICODE, Symbols
from cniadvisor.tui.theme import THEMES, css_variables


class LiveApp(App[None]):
    """Shows one run, with the sizes and themes of the real app."""

    TITLE = "cniadvisor"
    CSS_PATH = "../../cniadvisor/tui/global.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("4", "noop", "Results", id="app.results", show=False)
    ]
    HORIZONTAL_BREAKPOINTS = CniAdvisorApp.HORIZONTAL_BREAKPOINTS
    VERTICAL_BREAKPOINTS = CniAdvisorApp.VERTICAL_BREAKPOINTS

    def __init__(
        self, handle: RunHandle | None, *, theme: str = "dark", symbols: Symbols = UNICODE
    ) -> None:
        super().__init__()
        for one in THEMES.values():
            self.register_theme(one)
        self.theme = theme
        self.sub_title = "staging 192.0.2.1:6443"
        self.live = LiveScreen(handle, symbols=symbols)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return css_variables()

    def on_mount(self) -> None:
        self.push_screen(self.live)

    def action_noop(self) -> None:
        """Stand for the way to the results."""
