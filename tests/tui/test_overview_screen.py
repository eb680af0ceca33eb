"""The first screen: at once from what was seen, then from the cluster; and what it says without."""

import asyncio
from dataclasses import replace

import pytest
from textual.widgets import OptionList

from cniadvisor.domain.errors import AccessError, ClusterError, UsageError
from cniadvisor.domain.findings import Findings, Unknown
from cniadvisor.domain.probe import PartTried, PolicyPart, PolicyProbe, Standing
from cniadvisor.tui.options import AppOptions
from cniadvisor.tui.screens.choose import ChooseScreen
from cniadvisor.tui.screens.live import LiveScreen
from cniadvisor.tui.screens.overview import OverviewScreen
from cniadvisor.tui.screens.reading import ReadingScreen
from cniadvisor.tui.symbols import ASCII
from tests.tui.fake_core import FINDINGS, OVERVIEW, FakeCore
from tests.tui.real_app import opened
from tests.tui.screen_text import SIZES, check_snapshot, screen_text, until
from tests.tui.told_run import ToldReplay

OLD = replace(
    OVERVIEW,
    seen_at="2026-11-18T10:00:00+00:00",
    findings=replace(FINDINGS, primary=replace(OVERVIEW.findings.primary, version="0.26.0")),  # pyright: ignore[reportArgumentType] - it is there
    explanation=None,
)
NO_KUBECONFIG = UsageError(
    "no kubeconfig found; looked at ~/.kube/config (the default)",
    hint="give one with --kubeconfig FILE or the environment variable KUBECONFIG",
)
UNREACHABLE = ClusterError(
    "the API server 192.0.2.10:6443 can't be reached: connection refused",
    hint="check that it runs and that the network lets you through",
)
FORBIDDEN = AccessError(
    "the API server accepts no request of user jane",
    right="list nodes",
    hint="an administrator can grant what `cniadvisor rbac --for detect` prints",
)
NOTHING_FOUND = replace(
    OVERVIEW,
    node_count=None,
    findings=Findings(unknown=(Unknown(what="nodes", right="list nodes"),)),
)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_what_runs_here_in_every_size(size: tuple[int, int]) -> None:
    async with opened(FakeCore(), size=size) as pilot:
        await until(pilot, lambda: "read 5 min ago" in screen_text(pilot.app))
        await check_snapshot("overview", pilot)


async def test_what_was_seen_last_is_there_at_once_and_marked_with_its_age() -> None:
    core = FakeCore(saved=OLD, gate=asyncio.Event())
    async with opened(core) as pilot:
        assert "flannel 0.26.0" in screen_text(pilot.app), "before anything is read"
        reading = "Reading the cluster; what you see was read 2 days ago"
        await until(pilot, lambda: reading in screen_text(pilot.app))
        text = screen_text(pilot.app)
        assert "flannel 0.26.0" in text
        assert "dev at 192.0.2.10:6443" in text
        assert core.gate is not None
        core.gate.set()
        await until(pilot, lambda: "flannel 0.27.4" in screen_text(pilot.app))
        assert "read 5 min ago" in screen_text(pilot.app)


async def test_what_was_probed_is_there_with_its_age_and_follows_a_run() -> None:
    core = FakeCore(saved=OLD, gate=asyncio.Event())
    async with opened(core) as pilot:
        assert "NetworkPolicy  not probed; Plan can try it" in screen_text(pilot.app)
        await pilot.press("2")
        await until(pilot, lambda: pilot.app.screen.title == "Plan")
        core.probe = PolicyProbe(
            probed_at="2026-11-17T10:00:00+00:00",
            parts=(
                PartTried(
                    part=PolicyPart.DENY_INGRESS,
                    standing=Standing.NOT_ENFORCED,
                    took_s=None,
                    detail="connections still got in",
                ),
            ),
        )
        await pilot.press("1")
        told = "NetworkPolicy  not enforced (probed 3 days ago)"
        await until(pilot, lambda: told in screen_text(pilot.app))
        assert core.gate is not None
        core.gate.set()
        await until(pilot, lambda: "read 5 min ago" in screen_text(pilot.app))
        assert told in screen_text(pilot.app)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_no_kubeconfig_offers_what_needs_none(size: tuple[int, int]) -> None:
    async with opened(FakeCore(looks=[NO_KUBECONFIG], recording=ToldReplay()), size=size) as pilot:
        await until(pilot, lambda: "Lab" in screen_text(pilot.app))
        await check_snapshot("overview-no-kubeconfig", pilot)


async def test_unreachable_keeps_what_was_seen_and_its_age() -> None:
    async with opened(FakeCore(saved=OLD, looks=[UNREACHABLE])) as pilot:
        await until(pilot, lambda: "connection refused" in screen_text(pilot.app))
        text = screen_text(pilot.app)
        assert "✗ The cluster can't be read. What you see was read 2 days ago." in text
        assert "What to do: check that it runs" in text
        assert "flannel 0.26.0" in text


async def test_a_missing_right_is_named() -> None:
    async with opened(FakeCore(looks=[FORBIDDEN])) as pilot:
        await until(pilot, lambda: "Missing right: list nodes" in screen_text(pilot.app))
        assert "cniadvisor rbac --for detect" in screen_text(pilot.app)


async def test_nothing_found_says_which_right_would_tell() -> None:
    async with opened(FakeCore(looks=[NOTHING_FOUND])) as pilot:
        await until(pilot, lambda: "CNI not found out" in screen_text(pilot.app))
        text = screen_text(pilot.app)
        assert "nodes can't be counted" in text
        assert "- nodes: list nodes" in text


async def test_where_the_lab_cannot_run_it_says_why_and_offers_none() -> None:
    refusal = UsageError("this machine allows no lab: root has no right", hint="run it elsewhere")
    async with opened(FakeCore(looks=[NO_KUBECONFIG], refusal=refusal)) as pilot:
        await until(pilot, lambda: "allows no lab" in screen_text(pilot.app))
        text = screen_text(pilot.app)
        assert "l Lab" not in text
        assert "p Replay" not in text
        assert "Without a cluster" not in text


async def test_evidence_on_demand_and_back() -> None:
    async with opened(FakeCore()) as pilot:
        await until(pilot, lambda: "read 5 min ago" in screen_text(pilot.app))
        assert "3 of 3 pods ready" not in screen_text(pilot.app)
        await pilot.press("e")
        await until(pilot, lambda: isinstance(pilot.app.screen, ReadingScreen))
        text = screen_text(pilot.app)
        assert "DaemonSet kube-flannel/kube-flannel-ds: 3 of 3 pods ready" in text
        assert "for, rank 1: its agent is ready on 3 of 3 nodes" in text
        assert "read the nodes' /etc/cni/net.d" in text
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen.title == "Overview")


async def test_another_context_is_looked_at() -> None:
    other = replace(OVERVIEW, context="eu-prod-1", server="192.0.2.99:6443")
    core = FakeCore(looks=[OVERVIEW, other])
    async with opened(core) as pilot:
        await until(pilot, lambda: "read 5 min ago" in screen_text(pilot.app))
        await pilot.press("c")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChooseScreen))
        assert "looks like production" in screen_text(pilot.app)
        await pilot.press(*"prod", "enter")
        await until(pilot, lambda: "eu-prod-1 at 192.0.2.99:6443" in screen_text(pilot.app))
        assert core.settings.context == "eu-prod-1"


async def test_another_context_can_be_chosen_while_the_first_does_not_answer() -> None:
    silent = asyncio.Event()
    other = replace(OVERVIEW, context="eu-prod-1", server="192.0.2.99:6443")
    core = FakeCore(looks=[other], gate=silent)
    async with opened(core) as pilot:
        await until(pilot, lambda: "Reading the cluster" in screen_text(pilot.app))
        assert "c Context" in screen_text(pilot.app)
        await pilot.press("c")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChooseScreen))
        await pilot.press(*"prod")
        core.gate = None
        await pilot.press("enter")
        await until(pilot, lambda: "eu-prod-1 at 192.0.2.99:6443" in screen_text(pilot.app))
        assert core.settings.context == "eu-prod-1"


async def test_what_was_being_read_of_the_context_before_is_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    core = FakeCore(gate=asyncio.Event())
    async with opened(core) as pilot:
        await until(pilot, lambda: "Reading the cluster" in screen_text(pilot.app))
        screen = pilot.app.screen
        assert isinstance(screen, OverviewScreen)
        # The old answer comes before the new context is read.
        monkeypatch.setattr(screen, "_look_soon", lambda: None)
        await pilot.press("c")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChooseScreen))
        await pilot.press(*"prod", "enter")
        await until(pilot, lambda: core.settings.context == "eu-prod-1")
        assert core.gate is not None
        core.gate.set()
        await pilot.pause()
        assert screen.state.overview is None
        assert "flannel" not in screen_text(pilot.app)


async def test_a_namespace_may_be_typed_where_none_can_be_listed() -> None:
    core = FakeCore(known_namespaces=AccessError("no", right="list namespaces"))
    async with opened(core) as pilot:
        await until(pilot, lambda: "read 5 min ago" in screen_text(pilot.app))
        await pilot.press("n")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChooseScreen))
        await pilot.press(*"team-a", "enter")
        await until(pilot, lambda: core.settings.namespace == "team-a")


async def test_leaving_the_list_changes_nothing() -> None:
    core = FakeCore()
    async with opened(core) as pilot:
        await until(pilot, lambda: "read 5 min ago" in screen_text(pilot.app))
        await pilot.press("n")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChooseScreen))
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen.title == "Overview")
        assert core.settings.namespace is None


async def test_the_recorded_run_is_watched() -> None:
    replay = ToldReplay()
    async with opened(FakeCore(looks=[NO_KUBECONFIG], recording=replay)) as pilot:
        await until(pilot, lambda: "p Replay" in screen_text(pilot.app))
        await pilot.press("p")
        await until(pilot, lambda: isinstance(pilot.app.screen, LiveScreen))
        assert replay.speed == 10


async def test_the_lab_is_begun_with_the_wirings_that_were_chosen() -> None:
    core = FakeCore(looks=[NO_KUBECONFIG])
    async with opened(core) as pilot:
        await until(pilot, lambda: "l Lab" in screen_text(pilot.app))
        await pilot.press("l")
        await until(pilot, lambda: bool(pilot.app.screen.query(OptionList)))
        assert "[x] flannel-vxlan" in screen_text(pilot.app)
        await pilot.press(*"host", "enter", "ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, LiveScreen))
        assert [one.wirings for one in core.lab_started] == [("flannel-vxlan",)]


async def test_the_lab_is_not_begun_with_nothing_to_measure() -> None:
    core = FakeCore(looks=[NO_KUBECONFIG])
    async with opened(core) as pilot:
        await until(pilot, lambda: "l Lab" in screen_text(pilot.app))
        await pilot.press("l")
        await until(pilot, lambda: "[x] flannel-vxlan" in screen_text(pilot.app))
        await pilot.press("enter", "down", "enter", "ctrl+s")
        await until(pilot, lambda: "! Nothing is marked" in screen_text(pilot.app))
        await pilot.press("enter", "ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, LiveScreen))
        assert [one.wirings for one in core.lab_started] == [("flannel-host-gw",)]


async def test_names_from_a_cluster_style_nothing() -> None:
    evil = replace(OVERVIEW, context="[bold red]x[/] \x1b[31m", server="[link=a]b")
    async with opened(FakeCore(looks=[evil])) as pilot:
        await until(pilot, lambda: "[bold red]x[/]" in screen_text(pilot.app))
        assert "\x1b" not in screen_text(pilot.app)


async def test_plain_marks_where_the_terminal_has_no_others() -> None:
    async with opened(FakeCore(looks=[UNREACHABLE]), options=AppOptions(symbols=ASCII)) as pilot:
        await until(pilot, lambda: "x The cluster can't be read." in screen_text(pilot.app))


@pytest.mark.parametrize("size", [(1, 1), (10, 3), (39, 9), (300, 100)], ids=str)
async def test_no_size_is_refused(size: tuple[int, int]) -> None:
    core = FakeCore(saved=OLD)
    async with opened(core, size=size) as pilot:
        await pilot.press("2", "3", "4", "6", "1", "question_mark", "escape")
        await pilot.pause()
        assert pilot.app.is_running


async def test_the_context_is_on_every_screen() -> None:
    async with opened(FakeCore()) as pilot:
        await until(pilot, lambda: "dev at 192.0.2.10:6443" in screen_text(pilot.app))
        for key in "23456":
            await pilot.press(key)
            await until(pilot, lambda: "dev at 192.0.2.10:6443" in screen_text(pilot.app))


async def test_refresh_reads_again() -> None:
    later = replace(OVERVIEW, node_count=4)
    async with opened(FakeCore(looks=[OVERVIEW, later])) as pilot:
        await until(pilot, lambda: "3 nodes" in screen_text(pilot.app))
        await pilot.press("r")
        await until(pilot, lambda: "4 nodes" in screen_text(pilot.app))


async def test_the_command_is_copied_and_shown() -> None:
    async with opened(FakeCore()) as pilot:
        await until(pilot, lambda: "read 5 min ago" in screen_text(pilot.app))
        await pilot.press("y")
        await until(pilot, lambda: "cniadvisor detect --explain" in screen_text(pilot.app))
        assert pilot.app.clipboard == "cniadvisor detect --explain"


async def test_a_tiny_header_is_one_line() -> None:
    async with opened(FakeCore(), size=(40, 10)) as pilot:
        await until(pilot, lambda: "CNI found" in screen_text(pilot.app))
        lines = screen_text(pilot.app).splitlines()
        assert lines[0].startswith(" cniadvisor  Overview")
        assert "CNI found" in lines[1]
