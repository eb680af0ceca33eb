"""The program in a pseudo-terminal, for tests that operate it by its keys."""

import asyncio
import fcntl
import os
import pty
import re
import struct
import sys
import termios
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parents[3]
_SEQUENCES = re.compile(r"\x1b(?:\[[0-9;?<>=]*[A-Za-z~]|[PX^_\]].*?(?:\x1b\\|\x07)|[()][A-Z0-9]|.)")


class Terminal:
    """A program in a terminal of 100 columns and 30 rows; its output without the sequences."""

    def __init__(self, process: asyncio.subprocess.Process, ours: int) -> None:
        self.process = process
        self._ours = ours
        self._told = ""
        asyncio.get_running_loop().add_reader(ours, self._read)

    def _read(self) -> None:
        try:
            told = os.read(self._ours, 65536)
        except OSError:  # the program has closed its end
            told = b""
        if told:
            self._told += told.decode("utf-8", "replace")
        else:
            asyncio.get_running_loop().remove_reader(self._ours)

    @property
    def text(self) -> str:
        return _SEQUENCES.sub("", self._told)

    async def until(self, words: str, *, after: int = 0) -> None:
        """Wait until these words are told, ``after`` so many characters of the text.

        Raises:
            AssertionError: they are not; shows what was told last.
        """
        try:
            async with asyncio.timeout(40):
                while words not in self.text[after:]:
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(
                f"{words!r} was never told; last was {self.text[-1500:]}"
            ) from None

    def close(self) -> None:
        """Go away, as a window or an ssh connection does."""
        asyncio.get_running_loop().remove_reader(self._ours)
        os.close(self._ours)

    def press(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    async def end(self) -> int:
        async with asyncio.timeout(40):
            return await self.process.wait()


@asynccontextmanager
async def terminal(
    *arguments: str, home: Path, path: str = "", controlling: bool = False
) -> AsyncGenerator[Terminal]:
    """Run the program; a terminal that is controlling sends SIGHUP when it is closed."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "cniadvisor",
        *arguments,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "TEXTUAL_ANIMATIONS": "none",
            "PYTHONPATH": path,
        },
        start_new_session=True,
        preexec_fn=partial(fcntl.ioctl, 0, termios.TIOCSCTTY, 0) if controlling else None,
    )
    os.close(theirs)
    try:
        yield Terminal(process, ours)
    finally:
        asyncio.get_running_loop().remove_reader(ours)
        if process.returncode is None:
            process.kill()
            await process.wait()
        with suppress(OSError):  # a test may have closed it
            os.close(ours)
