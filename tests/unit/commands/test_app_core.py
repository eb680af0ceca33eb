"""The product as the app sees it, over a fake API server: look, plan, start, cancel, be told."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cniadvisor.commands.app_core.core import AppCore
from cniadvisor.commands.app_core.run_options import RunExtras
from cniadvisor.domain.errors import AccessError, ClusterError, UsageError
from cniadvisor.domain.events import BenchEvent, CleanupStep, RunFinished, RunStarted
from cniadvisor.domain.measurement import TestName
from cniadvisor.domain.settings import Settings
from cniadvisor.report.toml_file import read
from cniadvisor.tui.runs import LabChoices, RunChoices
from tests.fakeapi.server import FakeApi, with_service_account
from tests.fakeapi.snapshots import load_inventory_file
from tests.unit.advise.campaign import keep_campaign

GOLDEN = Path(__file__).parents[2] / "golden"
INVENTORY = GOLDEN / "inventories" / "flannel-vxlan-0.28.10.json"
IMAGE = "registry.example/bench@sha256:0123"
CHOICES = RunChoices(tests=(TestName.TCP,), image=IMAGE, repeats=1, duration_s=1)


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STATE", "DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.delenv("KUBECONFIG", raising=False)


@pytest.fixture
async def api() -> AsyncGenerator[FakeApi]:
    empty: dict[str, Any] = {
        path: {"items": []}
        for path in ("/apis/batch/v1/jobs", "/api/v1/serviceaccounts", "/api/v1/events")
    }
    async with FakeApi.serve(load_inventory_file(INVENTORY) | empty) as served:
        served.on_create.append(with_service_account)
        yield served


@pytest.fixture
def settings(api: FakeApi, tmp_path: Path) -> Settings:
    return Settings(kubeconfig=str(api.write_kubeconfig(tmp_path / "config")))


async def test_what_was_seen_is_there_at_the_next_start(settings: Settings) -> None:
    core = AppCore(settings)
    assert core.saved_overview() is None
    seen = await core.look()
    assert seen.findings.primary is not None
    assert seen.findings.primary.name == "flannel"
    assert seen.node_count == 2
    assert seen.explanation is not None
    kept = AppCore(settings).saved_overview()
    assert kept == replace(seen, explanation=None)


async def test_unreachable_is_told_and_what_was_seen_stays(tmp_path: Path) -> None:
    async with FakeApi.serve(load_inventory_file(INVENTORY)) as api:
        settings = Settings(kubeconfig=str(api.write_kubeconfig(tmp_path / "config")))
        await AppCore(settings).look()
    core = AppCore(settings)
    with pytest.raises(ClusterError):
        await core.look()
    assert core.saved_overview() is not None


async def test_a_changed_kubeconfig_shows_nothing_of_before(
    api: FakeApi, settings: Settings, tmp_path: Path
) -> None:
    await AppCore(settings).look()
    api.write_kubeconfig(tmp_path / "config", context="another")
    assert AppCore(settings).saved_overview() is None


async def test_contexts_namespaces_and_nodes(settings: Settings, tmp_path: Path) -> None:
    core = AppCore(settings)
    assert [one.name for one in await core.contexts()] == ["fake"]
    assert "kube-system" in await core.namespaces()
    assert [node.name for node in await core.nodes()] == ["node1", "node2"]
    assert core.suites()[0] == "quick"


async def test_no_kubeconfig_has_no_contexts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    core = AppCore(Settings())
    assert await core.contexts() == ()
    with pytest.raises(UsageError, match="no kubeconfig"):
        await core.look()


async def test_a_plan_says_everything_and_creates_nothing(api: FakeApi, settings: Settings) -> None:
    planned = await AppCore(settings, extras=RunExtras(seed=7)).plan(CHOICES)
    assert planned.problems == ()
    assert planned.target.image == IMAGE
    assert planned.plan.seed == 7
    assert {item.kind for item in planned.target.creates} == {"Namespace", "Job"}
    assert "--seed 7" in planned.command
    assert not [made for made in api.created if "reviews" not in made[0]]


async def test_what_stands_in_the_way_is_among_the_problems(
    api: FakeApi, settings: Settings
) -> None:
    api.deny("create jobs.batch")
    core = AppCore(settings)
    planned = await core.plan(replace(CHOICES, image=None))
    image, right = planned.problems
    assert isinstance(image, UsageError)
    assert isinstance(right, AccessError)
    assert right.right == "create jobs.batch"
    assert planned.target.image == "(none yet)"
    with pytest.raises(UsageError, match="no image"):
        core.start(planned)


async def test_the_probe_is_planned_with_its_policies_and_the_right_it_needs(
    api: FakeApi, settings: Settings
) -> None:
    core = AppCore(settings)
    probing = replace(CHOICES, probes_policy=True)
    planned = await core.plan(probing)
    assert planned.problems == ()
    assert [item.kind for item in planned.target.creates].count("NetworkPolicy") == 4
    assert "--probe policy" in planned.command
    api.deny("delete networkpolicies.networking.k8s.io")
    (problem,) = (await core.plan(probing)).problems
    assert isinstance(problem, AccessError)
    assert problem.right == "delete networkpolicies.networking.k8s.io"
    assert (await core.plan(CHOICES)).problems == ()


async def test_an_unknown_test_suite_is_refused(settings: Settings) -> None:
    with pytest.raises(UsageError, match="unknown suite"):
        await AppCore(settings).plan(RunChoices(suite="quikc"))


async def test_read_only_starts_nothing(settings: Settings) -> None:
    core = AppCore(replace(settings, read_only=True))
    planned = await core.plan(CHOICES)
    with pytest.raises(UsageError, match="read-only forbids"):
        core.start(planned)


async def until(condition: Any) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_run_that_is_cancelled_removes_what_it_made_and_says_so(
    api: FakeApi, settings: Settings
) -> None:
    core = AppCore(settings)
    planned = await core.plan(CHOICES)
    heard: list[BenchEvent] = []
    run = core.start(planned)
    run.follow(lambda _, event: heard.append(event))
    with pytest.raises(UsageError, match="under way"):
        core.start(planned)
    # Nobody plays the controllers: its pods are never ready, and it waits for them.
    await until(lambda: any("jobs" in path for path, _ in api.created))
    run.cancel()
    run.cancel()
    end = await run.wait()
    assert (end.error, end.cancelled, end.reports) == (None, True, ())
    assert isinstance(heard[0], RunStarted)
    assert isinstance(heard[-1], RunFinished)
    steps = [event for event in heard if isinstance(event, CleanupStep)]
    assert steps
    assert all(step.error is None for step in steps)
    assert any(f"namespaces/{planned.target.namespace}" in path for path in api.deleted)
    late: list[BenchEvent] = []
    run.follow(lambda _, event: late.append(event))
    assert late == heard, "who comes late is told everything"


async def test_leaving_at_once_says_what_is_left(api: FakeApi, settings: Settings) -> None:
    core = AppCore(settings)
    planned = await core.plan(CHOICES)
    run = core.start(planned)
    await until(lambda: any("jobs" in path for path, _ in api.created))
    run.leave_now()
    end = await run.wait()
    assert end.error is not None
    assert end.error.exit_code == 6
    assert f"cniadvisor cleanup --run {planned.plan.run_id}" in end.error.hint


async def test_a_report_cannot_go_to_stdout(settings: Settings) -> None:
    core = AppCore(settings, extras=RunExtras(out="-"))
    planned = await core.plan(CHOICES)
    with pytest.raises(UsageError, match="can't go to stdout"):
        core.start(planned)


async def test_an_old_plan_is_not_started(settings: Settings) -> None:
    core = AppCore(settings)
    old = await core.plan(CHOICES)
    await core.plan(CHOICES)
    with pytest.raises(UsageError, match="old one"):
        core.start(old)


async def test_a_plan_for_another_context_is_not_started(settings: Settings) -> None:
    core = AppCore(settings)
    planned = await core.plan(CHOICES)
    core.use(context="fake", namespace="team-a")
    with pytest.raises(UsageError, match="old one"):
        core.start(planned)


async def test_a_plan_whose_context_was_left_while_it_was_made_is_not_started(
    api: FakeApi, settings: Settings
) -> None:
    core = AppCore(settings)
    before = len(api.requests)
    api.fault("/version", delay_s=0.2)
    planning = asyncio.create_task(core.plan(CHOICES))
    await until(lambda: len(api.requests) > before)
    core.use(context="elsewhere", namespace=None)
    planned = await planning
    with pytest.raises(UsageError, match="old one"):
        core.start(planned)


async def test_a_run_stays_on_the_context_it_was_planned_for(
    api: FakeApi, settings: Settings, tmp_path: Path
) -> None:
    core = AppCore(settings)
    planned = await core.plan(CHOICES)
    # As `kubectl config use-context` in another terminal would, with another cluster.
    api.write_kubeconfig(tmp_path / "config", context="another")
    async with asyncio.timeout(20):
        end = await core.start(planned).wait()
    assert end.error is not None
    assert '"fake"' in end.error.message
    assert not [made for made in api.created if "reviews" not in made[0]]


def test_the_lab_s_wirings_are_named_for_what_they_are() -> None:
    names = [one.words for one in asyncio.run(AppCore(Settings()).wirings())]
    assert "flannel-vxlan: kernel dataplane wired as Flannel, VXLAN" in names


async def test_an_unknown_wiring_ends_the_run_in_words() -> None:
    core = AppCore(Settings())
    run = core.start_lab(LabChoices(wirings=("flannel-vlan",)))
    end = await run.wait()
    assert end.error is not None
    assert "unknown wiring" in end.error.message


async def test_the_advisor_knows_a_folder_of_the_user_s(tmp_path: Path) -> None:
    (path,) = keep_campaign(tmp_path, read(GOLDEN / "report-v1.toml"))
    core = AppCore(Settings(profiles=str(tmp_path)))
    catalogue = await core.catalogue()
    assert "ours" in [campaign.name for campaign in catalogue.campaigns]
    told = {one.label: one.paths for one in await core.references()}
    assert told["Reference, not yours: Ours"] == (path,)
    with pytest.raises(UsageError, match="nowhere is no folder"):
        await AppCore(Settings(profiles=str(tmp_path / "nowhere"))).references()
