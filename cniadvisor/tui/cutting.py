"""Words cut to the cells there are, with an ellipsis. A character may take two cells."""

from rich.cells import cell_len, set_cell_size


def fitted(text: str, width: int) -> str:
    """Return a text in exactly so many cells: cut at its end, or filled up with spaces."""
    if cell_len(text) <= width or width < 2:
        return set_cell_size(text, max(0, width))
    return f"{set_cell_size(text, width - 1)}…"


def shortened(text: str, width: int) -> str:
    """Return a name in at most so many cells, cut in its middle: names differ at their ends."""
    if cell_len(text) <= width:
        return text
    if width < 3:
        return set_cell_size(text, max(0, width))
    head = set_cell_size(text, (width - 1) // 3)
    tail = text[::-1]
    return f"{head}…{set_cell_size(tail, width - 1 - cell_len(head))[::-1]}"
