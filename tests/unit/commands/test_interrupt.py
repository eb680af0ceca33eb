"""The signals that end a run: the first one tidily, the second one at once."""

import asyncio
import signal

import pytest

from cniadvisor.commands.interrupt import Interrupt


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
async def test_the_first_cancels_the_run_and_the_second_leaves(
    number: signal.Signals, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    left: list[str] = []
    interrupt = Interrupt()
    interrupt.leave_now = lambda: left.append("at once")

    async def run() -> None:
        interrupt.install()
        signal.raise_signal(number)
        await asyncio.sleep(10)

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(run())
    assert (interrupt.code, interrupt.name, left) == (code, number.name, [])
    signal.raise_signal(number)
    await asyncio.sleep(0.01)
    assert left == ["at once"]
    said = f"{number.name}: stopping and cleaning up; once more leaves at once"
    assert capsys.readouterr().err == f"cniadvisor: {said}\n"
