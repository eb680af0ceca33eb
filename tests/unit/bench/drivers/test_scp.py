"""What OpenSSH 10.0p2 and our scripts really printed, and what the driver makes of it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.bench.driver import Measurement, Running, TrialFailed
from cniadvisor.bench.drivers.scp import (
    Copied,
    LoggedIn,
    Object,
    ScpGoodput,
    parse_key,
    parse_line,
    parse_object,
)

Make = Callable[..., Any]
Read = Callable[[str], bytes]
GOLDEN = Path(__file__).parents[3] / "golden" / "openssh-10.0p2"
LOGIN, DONE = (GOLDEN / "256m.txt").read_bytes().splitlines()
KEY = (GOLDEN / "key.txt").read_text().strip()
HOST_KEY = (GOLDEN / "allow.txt").read_text().strip()
MIB = 2**20


@pytest.fixture
def scp(ends: Make, answer: Make, golden: Read) -> Make:
    """Return a maker of ends; ``copy`` says what a copy of so many bytes prints."""

    def make(copy: Callable[[int], Any]) -> Any:
        size = [0]

        def make_object(argv: tuple[str, ...]) -> Any:
            size[0] = int(argv[1])
            return answer(f'{{"object":"/data/scp.bin","bytes":{argv[1]}}}\n'.encode())

        def copied(argv: tuple[str, ...]) -> Any:
            return copy(size[0])

        return ends(
            {
                "ssh": [answer(b"", 0, (GOLDEN / "version.stderr").read_text())],
                "cniadvisor-ssh-key": [answer(golden("openssh-10.0p2/key.txt"))],
                "cniadvisor-ssh-known": [answer()],
                "cniadvisor-scp": copied,
            },
            {
                "cniadvisor-ssh-allow": [answer(golden("openssh-10.0p2/allow.txt"))],
                "cniadvisor-object": make_object,
            },
        )

    return make


@pytest.fixture
def printed(answer: Make, golden: Read) -> Make:
    """Return a maker of what a golden copy printed."""

    def make(name: str, status: int = 0) -> Any:
        error = GOLDEN / f"{name}.stderr"
        words = error.read_text() if error.exists() else ""
        return answer(golden(f"openssh-10.0p2/{name}.txt"), status, words)

    return make


@pytest.fixture
def at_rate(answer: Make) -> Make:
    """Return a maker of copies that run at so many bytes/s."""

    def make(bytes_per_s: float) -> Callable[[int], Any]:
        def copy(size: int) -> Any:
            login = {"event": "running", "login_seconds": 0.1}
            done = {"event": "done", "seconds": size / bytes_per_s, "received_bytes": size + 500}
            return answer(f"{json.dumps(login)}\n{json.dumps(done)}\n".encode())

        return copy

    return make


async def test_the_figure_is_the_objects_bytes_over_scps_own_time(
    scp: Make, at_rate: Make, printed: Make
) -> None:
    both = scp(at_rate(1e8))
    both.client.answers["cniadvisor-scp"] = [printed("256m")]
    both.server.answers["cniadvisor-object"] = [printed("object")]

    measured = await both.measured(ScpGoodput())

    own = json.loads(DONE)
    assert measured.figures["goodput_mbit_per_s"] == pytest.approx(
        2**28 * 8 / own["seconds"] / 1e6, rel=1e-12
    )
    assert measured.figures["copy_s"] == own["seconds"]
    assert measured.figures["login_s"] == json.loads(LOGIN)["login_seconds"]
    assert measured.payload_bytes == 2**28
    assert measured.facts == {"cipher": "aes128-gcm@openssh.com"}
    assert (measured.tool, measured.tool_version) == ("scp", "10.0p2")


async def test_only_public_keys_travel(scp: Make, at_rate: Make) -> None:
    both = scp(at_rate(1e8))

    await ScpGoodput().prepare(both.client, both.server)

    assert both.client.started == [
        ("ssh", "-V"),
        ("cniadvisor-ssh-key",),
        ("cniadvisor-ssh-known", "10.0.0.2", "5003", HOST_KEY),
    ]
    assert both.server.started == [("cniadvisor-ssh-allow", KEY)]


async def test_the_object_is_sized_by_the_last_copy_and_then_kept(scp: Make, at_rate: Make) -> None:
    both = scp(at_rate(100 * MIB))
    driver = ScpGoodput()

    warm_up = await both.measured(driver, seconds=1)
    first = await both.told(driver, seconds=10)
    second = await both.told(driver, seconds=10)

    assert warm_up.payload_bytes == 32 * MIB
    assert [type(item) for item in first] == [Running, Measurement]
    assert first[-1].payload_bytes == second[-1].payload_bytes == 1000 * MIB
    assert first[-1].figures["copy_s"] == 10
    made = [argv for argv in both.server.started if argv[0] == "cniadvisor-object"]
    assert len(made) == 2


async def test_a_much_slower_path_gets_a_smaller_object(scp: Make, at_rate: Make) -> None:
    both = scp(at_rate(100 * MIB))
    driver = ScpGoodput()
    await both.measured(driver, seconds=1)
    await both.told(driver, seconds=10)
    both.client.answers["cniadvisor-scp"] = [at_rate(10 * MIB)(1000 * MIB)]
    await both.told(driver, seconds=10)

    told = await both.told(driver, seconds=10)

    assert told[-1].payload_bytes == 100 * MIB


async def test_a_limit_holds_from_the_first_copy(scp: Make, at_rate: Make) -> None:
    both = scp(at_rate(1e6))
    driver = ScpGoodput(max_rate_mbit_per_s=8)

    measured = await both.measured(driver, seconds=2)

    assert measured.payload_bytes == pytest.approx(2e6, abs=2**15)
    assert both.client.started[-1][-2:] == ("aes128-gcm@openssh.com", "7812")


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("refused", 255, "port 2999: Connection refused"),
        ("missing", 1, "/data/nothing: No such file or directory"),
        ("hostkey", 255, "Host key verification failed"),
        ("key-refused", 255, r"Permission denied \(publickey\)"),
        ("cipher", 255, "Unknown cipher type"),
        ("killed", 255, "Connection reset by peer"),
        ("256m", 124, "exit status 124"),
    ],
)
async def test_a_failure_is_told_in_sshs_words(
    scp: Make, at_rate: Make, printed: Make, name: str, status: int, words: str
) -> None:
    both = scp(at_rate(1e8))
    both.client.answers["cniadvisor-scp"] = [printed(name, status)]

    with pytest.raises(TrialFailed, match=words):
        await both.measured(ScpGoodput())


async def test_fewer_bytes_than_the_object_has_are_no_figure(
    scp: Make, at_rate: Make, printed: Make, answer: Make
) -> None:
    both = scp(at_rate(1e8))
    both.client.answers["cniadvisor-scp"] = [printed("256m")]
    more = json.loads(DONE)["received_bytes"] + 1
    both.server.answers["cniadvisor-object"] = [
        answer(f'{{"object":"/data/scp.bin","bytes":{more}}}'.encode())
    ]

    with pytest.raises(TrialFailed, match=f"received {more - 1} bytes for an object of {more}"):
        await both.measured(ScpGoodput())


async def test_an_object_that_cannot_be_made_is_told(
    scp: Make, at_rate: Make, answer: Make
) -> None:
    both = scp(at_rate(1e6))
    both.server.answers["cniadvisor-object"] = [answer(b"", 1, "No space left on device")]
    with pytest.raises(TrialFailed, match=r"cniadvisor-object \(exit status 1\): No space left"):
        await both.measured(ScpGoodput())

    both.server.answers["cniadvisor-object"] = [answer(b"what?")]
    with pytest.raises(TrialFailed, match="did not tell what it made"):
        await both.measured(ScpGoodput())


async def test_what_is_no_public_key_goes_nowhere(scp: Make, at_rate: Make, answer: Make) -> None:
    both = scp(at_rate(1e6))
    both.client.answers["cniadvisor-ssh-key"] = [answer(b"-----BEGIN OPENSSH PRIVATE KEY-----\nx")]

    with pytest.raises(TrialFailed, match="printed no public key"):
        await ScpGoodput().prepare(both.client, both.server)

    assert both.server.started == []


def test_what_ssh_did_not_say_is_none() -> None:
    line = b'{"event":"done","seconds":1.5,"received_bytes":null}'
    assert parse_line(line) == Copied(seconds=1.5, session_bytes=None)


def test_a_public_key_is_one_line_of_one_kind() -> None:
    assert parse_key(f"{KEY}\n".encode()) == KEY
    assert parse_key(b"ssh-ed25519 AAAA= two words") is None
    assert parse_key(b"ssh-ed25519 AAAA\nssh-ed25519 BBBB") is None
    assert parse_key(b'command="sh" ssh-ed25519 AAAA') is None
    assert parse_key(b"") is None


@given(cut=st.integers(0, len(DONE) - 1))
def test_a_cut_line_is_never_a_figure(cut: int) -> None:
    assert parse_line(DONE[:cut]) is None


anything = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=3)


@given(
    told=st.dictionaries(
        st.sampled_from(["login_seconds", "seconds", "received_bytes", "object", "bytes"]), anything
    ),
    event=st.sampled_from(["running", "done", "x"]),
)
def test_any_json_is_read_without_raising(told: dict[str, object], event: str) -> None:
    line = json.dumps({"event": event, **told}).encode()
    read = parse_line(line)
    assert read is None or isinstance(read, LoggedIn | Copied)
    assert not isinstance(read, Copied) or read.seconds > 0
    made = parse_object(line)
    assert made is None or isinstance(made, Object)


@given(line=st.binary(max_size=100))
def test_garbage_is_ignored(line: bytes) -> None:
    assert parse_line(line) is None
    assert parse_object(line) is None
