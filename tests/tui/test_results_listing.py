from pathlib import Path

import pytest

from cniadvisor.domain.events import Outcome
from cniadvisor.domain.measurement import TestName
from cniadvisor.report.library import Entry
from cniadvisor.tui.results.listing import HEADER, Order, cells, heading, matching, ordered
from cniadvisor.tui.symbols import ASCII, UNICODE


def entry(name: str, *, cni: str = "flannel", started: str = "2026-11-22T10:15:00Z") -> Entry:
    return Entry(
        path=Path(name),
        name=name,
        size_bytes=1,
        run_id="k7m2q",
        started_at=started,
        cni=cni,
        mode="vxlan",
        kind="kubernetes",
        context="Staging",
        suite="quick",
        outcome=Outcome.PARTIAL if cni == "canal" else Outcome.COMPLETE,
        tests=(TestName.TCP, TestName.LATENCY_TCP),
    )


FLANNEL = entry("f.toml")
CANAL = entry("c.toml", cni="canal", started="2026-11-23T10:15:00Z")
BROKEN = Entry(path=Path("b.toml"), name="b.toml", problem="b.toml is not TOML")
EVERY = (BROKEN, FLANNEL, CANAL)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("", EVERY),
        ("  ", EVERY),
        ("FLANNEL", (FLANNEL,)),
        ("vxlan staging", (FLANNEL, CANAL)),
        ("cni:canal", (CANAL,)),
        ("suite:canal", ()),
        ("outcome:partial", (CANAL,)),
        ("!flannel !canal", (BROKEN,)),
        ("!outcome:complete", (BROKEN, CANAL)),
        ("test:latency-tcp", (FLANNEL, CANAL)),
        ("can't", (BROKEN,)),
        ("nothing:of-the-kind", ()),
        ("started:2026-11-23", (CANAL,)),
        ("[", ()),
    ],
)
def test_words_narrow_the_list(wanted: str, found: tuple[Entry, ...]) -> None:
    assert matching(EVERY, wanted) == found


def test_every_order_puts_what_cannot_be_read_last() -> None:
    for order in Order:
        assert ordered(EVERY, order)[-1] == BROKEN
    assert ordered(EVERY, Order.NEWEST)[0] == CANAL
    assert ordered(EVERY, Order.FILE)[0] == CANAL
    assert ordered((FLANNEL, CANAL), Order.OUTCOME) == (FLANNEL, CANAL)


def test_orders_follow_each_other_in_a_ring() -> None:
    order = Order.NEWEST
    for _ in Order:
        order = order.next
    assert order is Order.NEWEST


def test_a_row_has_a_cell_for_every_column_and_a_word_beside_each_mark() -> None:
    assert cells(CANAL, letter="B", symbols=UNICODE) == (
        "B",
        "2026-11-23 10:15",
        "canal vxlan",
        "! partial",
        "quick",
        "Staging",
        "c.toml",
    )
    assert cells(BROKEN, letter="", symbols=ASCII)[3] == "x can't be read"
    assert {len(cells(one, letter="", symbols=ASCII)) for one in EVERY} == {len(HEADER)}


def test_the_heading_says_how_many_of_how_many() -> None:
    def told(shown: tuple[Entry, ...], wanted: str = "", *, reading: bool = False) -> str:
        return heading(shown, EVERY, order=Order.NEWEST, wanted=wanted, reading=reading)

    assert told(EVERY) == "3 reports, newest first; 1 can't be read"
    assert told((CANAL,), "canal") == '1 of 3 reports with "canal", newest first'
    assert told(EVERY, reading=True).endswith("; reading more")
