"""An endpoint whose tools print what they really printed once."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cniadvisor.bench.driver import Driver, Measurement, Told
from cniadvisor.bench.endpoints import Command, Endpoint, Exit, RunningCommand, Service
from cniadvisor.domain.measurement import PathName, Role

GOLDEN = Path(__file__).parents[3] / "golden"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a program prints and how it ends."""

    stdout: bytes = b""
    status: int = 0
    stderr: str = ""


@dataclass
class AnsweredCommand:
    answer: Answer

    async def lines(self) -> AsyncIterator[bytes]:
        for line in self.answer.stdout.splitlines():
            yield line

    async def exit(self) -> Exit:
        return Exit(status=self.answer.status, stderr=self.answer.stderr)


Answers = list[Answer] | Callable[[tuple[str, ...]], Answer]
"""What a program's runs print, one after the other (the last one repeats), or by its arguments."""


@dataclass
class AnsweringEndpoint:
    """Knows the programs in ``answers`` and no others."""

    role: Role
    path: PathName
    answers: Mapping[str, Answers]
    address: str
    node: str = "node1"
    ports: Mapping[Service, int] = field(
        default_factory=lambda: {service: 5000 + n for n, service in enumerate(Service)}
    )
    started: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    deadlines: list[float] = field(default_factory=list[float])

    def start(self, command: Command) -> AbstractAsyncContextManager[RunningCommand]:
        return self._started(command)

    @asynccontextmanager
    async def _started(self, command: Command) -> AsyncGenerator[RunningCommand]:
        self.started.append(command.argv)
        self.deadlines.append(command.deadline_s)
        answers = self.answers[command.argv[0]]
        if callable(answers):
            yield AnsweredCommand(answers(command.argv))
        else:
            yield AnsweredCommand(answers.pop(0) if len(answers) > 1 else answers[0])

    async def counters(self) -> AsyncIterator[bytes]:
        raise AssertionError("a driver reads no counters")
        yield b""


@dataclass
class Ends:
    """Both ends of a path."""

    client: AnsweringEndpoint
    server: AnsweringEndpoint

    async def told(self, driver: Driver, *, seconds: float = 2) -> list[Told]:
        """Run one trial and return what it tells."""
        client: Endpoint = self.client
        async with aclosing(driver.trial(client, self.server, seconds=seconds)) as telling:
            return [told async for told in telling]

    async def measured(self, driver: Driver, *, seconds: float = 2) -> Measurement:
        """Prepare, run one trial and return its measurement, which must come last."""
        await driver.prepare(self.client, self.server)
        last = (await self.told(driver, seconds=seconds))[-1]
        assert isinstance(last, Measurement)
        return last


@pytest.fixture
def golden() -> Callable[[str], bytes]:
    def read(name: str) -> bytes:
        return (GOLDEN / name).read_bytes()

    return read


MakeEnds = Callable[..., Ends]
MakeAnswer = Callable[..., Answer]


@pytest.fixture
def answer() -> MakeAnswer:
    def make(stdout: bytes = b"", status: int = 0, stderr: str = "") -> Answer:
        return Answer(stdout=stdout, status=status, stderr=stderr)

    return make


@pytest.fixture
def ends() -> MakeEnds:
    """Return a maker of both ends of the pod path: program -> answers, at either end."""

    def make(
        client: Mapping[str, Answers] | None = None,
        server: Mapping[str, Answers] | None = None,
    ) -> Ends:
        return Ends(
            client=AnsweringEndpoint(
                role=Role.CLIENT, path=PathName.POD, answers=client or {}, address="10.0.0.1"
            ),
            server=AnsweringEndpoint(
                role=Role.SERVER, path=PathName.POD, answers=server or {}, address="10.0.0.2"
            ),
        )

    return make
