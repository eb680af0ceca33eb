"""The program in a pseudo-terminal: opened, operated by keys, left in mid-run, killed."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from tests.fakeapi.server import FakeApi
from tests.unit.commands.in_a_terminal import Terminal, terminal

GOLDEN = Path(__file__).parents[2] / "golden"


async def test_the_plan_begins_with_what_the_file_says(api: FakeApi, tmp_path: Path) -> None:
    config = api.write_kubeconfig(tmp_path / "config")
    (tmp_path / ".config" / "cniadvisor").mkdir(parents=True)
    file = tmp_path / ".config" / "cniadvisor" / "config.toml"
    file.write_text(f'suite = "thorough"\nimage = "example/mine:1"\nkubeconfig = "{config}"\n')
    async with terminal(home=tmp_path) as shown:
        await shown.until("CNI found")
        assert "flannel" in shown.text
        shown.press("2")
        await shown.until("Ready to start")
        assert "thorough" in shown.text
        assert "example/mine:1" in shown.text
        shown.press("q")
        assert await shown.end() == 0


async def test_a_recording_is_told_live(tmp_path: Path) -> None:
    recording = str(GOLDEN / "recording-v1.jsonl")
    async with terminal("replay", "--live", "--speed", "1000", recording, home=tmp_path) as shown:
        await shown.until("replay of recording-v1.jsonl")
        shown.press("q")
        assert await shown.end() == 0


async def run_begun(shown: Terminal, api: FakeApi) -> None:
    """Start from the Plan screen; nobody plays the controllers, so it waits for its pods."""
    await shown.until("Ready to start")
    shown.press("s")
    await shown.until("Create these in fake?")
    shown.press("y")
    await shown.until("Set-up")
    async with asyncio.timeout(20):
        while not any("jobs" in path for path, _ in api.created):
            await asyncio.sleep(0.02)


def bench(config: Path) -> tuple[str, ...]:
    return ("bench", "--kubeconfig", str(config), "--tests", "tcp", "--image", "example/image:1")


async def test_leaving_in_mid_run_cleans_up_and_tells_it_on_the_normal_screen(
    api: FakeApi, tmp_path: Path
) -> None:
    config = api.write_kubeconfig(tmp_path / "config")
    async with terminal(*bench(config), home=tmp_path) as shown:
        await run_begun(shown, api)
        shown.press("q")
        await shown.until("Stop and leave")
        shown.press("y")
        await shown.until("stopping and cleaning up")
        assert await shown.end() == 0
        told = shown.text.partition("stopping and cleaning up")[2]
        assert "Removed: " in told
        assert "Set-up" not in told, "what the app has shown is not told again"
    assert any("/namespaces/cniadvisor-" in path for path in api.deleted)


async def test_ctrl_c_once_more_leaves_what_is_left_and_names_the_command(
    api: FakeApi, tmp_path: Path
) -> None:
    config = api.write_kubeconfig(tmp_path / "config")
    async with terminal(*bench(config), home=tmp_path) as shown:
        await run_begun(shown, api)
        made = next(made for path, made in api.created if path.endswith("/namespaces"))
        name = made["metadata"]["name"]
        for path in (f"/apis/batch/v1/namespaces/{name}/jobs", f"/api/v1/namespaces/{name}"):
            for method in ("GET", "DELETE"):
                api.fault(path, method=method, delay_s=30, times=99)
        shown.press("\x03")
        await shown.until("Stop and leave")
        shown.press("\x03")
        await shown.until("stopping and cleaning up")
        os.killpg(shown.process.pid, signal.SIGINT)
        assert await shown.end() == 6
        assert "cniadvisor cleanup --run" in shown.text


async def test_being_told_to_end_cleans_up_and_has_its_code(api: FakeApi, tmp_path: Path) -> None:
    config = api.write_kubeconfig(tmp_path / "config")
    async with terminal(*bench(config), home=tmp_path) as shown:
        await run_begun(shown, api)
        shown.process.send_signal(signal.SIGTERM)
        assert await shown.end() == 143
        assert "Removed: " in shown.text
    assert any("/namespaces/cniadvisor-" in path for path in api.deleted)


async def test_a_fault_of_ours_is_a_sentence_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    code = (
        "from cniadvisor.tui.screens.overview import OverviewScreen\n"
        "def broken(self): raise KeyError('secret')\n"
        "OverviewScreen.action_copy = broken\n"
    )
    (tmp_path / "broken" / "sitecustomize.py").write_text(code)
    async with terminal(home=tmp_path, path=str(tmp_path / "broken")) as shown:
        await shown.until("no kubeconfig found")
        shown.press("y")
        assert await shown.end() == 5
    assert "internal error: KeyError" in shown.text
    assert "secret" not in shown.text
    assert "Traceback" not in shown.text


@pytest.mark.parametrize("controlling", [True, False], ids=["SIGHUP", "no signal"])
async def test_a_terminal_that_goes_away_leaves_nothing_behind(
    api: FakeApi, tmp_path: Path, controlling: bool
) -> None:
    config = api.write_kubeconfig(tmp_path / "config")
    async with terminal(*bench(config), home=tmp_path, controlling=controlling) as shown:
        await run_begun(shown, api)
        shown.close()
        assert await shown.end() == 129
    assert any("/namespaces/cniadvisor-" in path for path in api.deleted)
