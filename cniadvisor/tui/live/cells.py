"""Words with what they mean: what the pure parts hand to the widgets instead of colours."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from cniadvisor.tui.cutting import fitted
from cniadvisor.tui.theme import Meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A word or two, and what they mean."""

    text: str
    meaning: Meaning = Meaning.TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: its head, and its cell of every row."""

    head: str
    cells: tuple[Cell, ...]

    @property
    def width(self) -> int:
        """Return the cells it needs on the terminal."""
        return max(cell_len(text) for text in (self.head, *(cell.text for cell in self.cells)))


def column(head: str, *cells: Cell | str) -> Column:
    """Return a column; plain words mean nothing in particular."""
    told = (cell if isinstance(cell, Cell) else Cell(text=cell) for cell in cells)
    return Column(head=head, cells=tuple(told))


def aligned(columns: Sequence[Column], *, width: int) -> tuple[tuple[Cell, ...], ...]:
    """Return head and rows as lines of cells, each column as wide as its widest, left aligned.

    Two spaces stand between columns where there is room, else one; what does not fit is cut with
    an ellipsis: the last column first.
    """
    widths = [one.width for one in columns]
    gap = 2 if sum(widths) + 2 * (len(widths) - 1) <= width else 1
    lines: list[tuple[Cell, ...]] = []
    for row in range(-1, len(columns[0].cells) if columns else -1):
        room = width
        line: list[Cell] = []
        for one, wide in zip(columns, widths, strict=True):
            if room <= 0:
                break
            cell = Cell(text=one.head, meaning=Meaning.MUTED) if row < 0 else one.cells[row]
            line.append(Cell(text=fitted(cell.text, min(wide + gap, room)), meaning=cell.meaning))
            room -= wide + gap
        lines.append(tuple(line))
    return tuple(lines)
