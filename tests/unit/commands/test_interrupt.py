"""The signals that end a run: the first one tidily, the second one at once."""

import asyncio
import io
import signal

import pytest

from cniadvisor.commands.interrupt import Interrupt, signals_as_usual, stoppable


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


async def test_that_nobody_reads_it_does_not_keep_the_run_going(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ctrl+c ends ``tee`` first, a closed terminal takes no words: the run ends."""

    class Gone(io.StringIO):
        def write(self, _text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr("sys.stderr", Gone())

    async def work(_interrupt: Interrupt) -> int:
        signal.raise_signal(signal.SIGINT)
        await asyncio.sleep(10)
        return 0

    assert await asyncio.create_task(stoppable(work)) == 130


async def test_a_signal_at_any_time_is_an_exit_code_and_no_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def work(_interrupt: Interrupt) -> int:
        signal.raise_signal(signal.SIGTERM)
        await asyncio.sleep(10)
        return 0

    assert await asyncio.create_task(stoppable(work)) == 143
    assert capsys.readouterr().err.splitlines()[-1] == "cniadvisor: stopped by SIGTERM"


async def test_what_is_cancelled_otherwise_stays_so() -> None:
    async def work(_interrupt: Interrupt) -> int:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(stoppable(work))


async def test_a_question_can_be_left_with_ctrl_c() -> None:
    async def work(interrupt: Interrupt) -> int:
        with pytest.raises(KeyboardInterrupt), signals_as_usual():
            signal.raise_signal(signal.SIGINT)
        await asyncio.sleep(0.01)
        assert interrupt.code is None, "it was heard of twice"
        signal.raise_signal(signal.SIGINT)
        await asyncio.sleep(10)
        return 0

    assert await asyncio.create_task(stoppable(work)) == 130
