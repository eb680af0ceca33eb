"""Words that change often: the screen is laid out anew only when they take more or fewer lines."""

from textual.content import Content
from textual.widgets import Static


class Words(Static):
    """Show plain words; nothing in them is taken for markup."""

    def __init__(
        self,
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes, markup=False)
        self._words = Content("")

    def say(self, words: Content | str) -> None:
        """Show other words; the same again cost nothing."""
        said = Content(words) if isinstance(words, str) else words
        if said == self._words and said.spans == self._words.spans:
            return
        self._words = said
        size = self.content_size
        lines = said.get_height({}, size.width) if size.width else -1
        self.update(said, layout=lines != size.height)
