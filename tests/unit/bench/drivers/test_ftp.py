"""What curl 8.14.1 really said against vsftpd 3.0.5, and what the driver makes of it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cniadvisor.bench.driver import Measurement, Running, TrialFailed
from cniadvisor.bench.drivers.ftp import CurlFtp, Download, parse_write_out

Make = Callable[..., Any]
Read = Callable[[str], bytes]
GOLDEN = Path(__file__).parents[3] / "golden" / "curl-8.14.1"
WRITTEN = (GOLDEN / "64g.txt").read_bytes().strip()


@pytest.fixture
def curl(ends: Make, answer: Make, golden: Read) -> Make:
    """Return a maker of ends where curl prints a golden file."""

    def make(name: str, status: int) -> Any:
        error = GOLDEN / f"{name}.stderr"
        printed = answer(
            golden(f"curl-8.14.1/{name}.txt"), status, error.read_text() if error.exists() else ""
        )
        version = answer(golden("curl-8.14.1/version.txt"))

        def curl(argv: tuple[str, ...]) -> Any:
            return version if "--libcurl" in argv else printed

        return ends(
            {
                "curl": curl,
                "cniadvisor-ftp-config": [answer(b"/scratch/ftp.curl\n")],
            }
        )

    return make


async def test_the_figure_is_curls_size_over_the_time_after_the_login(curl: Make) -> None:
    measured = await curl("64g", 28).measured(CurlFtp())

    own = json.loads(WRITTEN)
    seconds = own["time_total"] - own["time_pretransfer"]
    assert measured.figures["goodput_mbit_per_s"] == pytest.approx(
        own["size_download"] * 8 / seconds / 1e6, rel=1e-12
    )
    assert measured.figures["login_s"] == own["time_pretransfer"]
    assert measured.payload_bytes == own["size_download"]
    assert (measured.tool, measured.tool_version) == ("curl", "8.14.1")


async def test_a_whole_object_counts_as_well(curl: Make) -> None:
    measured = await curl("whole", 0).measured(CurlFtp())

    assert measured.payload_bytes == 2**20


async def test_the_password_is_not_in_the_command(curl: Make) -> None:
    both = curl("64g", 28)
    driver = CurlFtp()
    await driver.prepare(both.client, both.server)

    told = await both.told(driver, seconds=2.5)

    assert [type(item) for item in told] == [Running, Measurement]
    assert both.client.started[1] == ("cniadvisor-ftp-config", "10.0.0.2", "5002", "64g")
    argv = " ".join(both.client.started[2])
    assert argv.startswith("curl --disable --config /scratch/ftp.curl --noproxy * ")
    assert "--max-time 2.5" in argv
    assert "--limit-rate" not in argv
    assert "ftp://" not in argv


@pytest.mark.parametrize("seconds", [0.0, 0.4])
async def test_a_warm_up_of_no_seconds_has_an_end(curl: Make, seconds: float) -> None:
    both = curl("64g", 28)
    driver = CurlFtp()
    await driver.prepare(both.client, both.server)

    await both.told(driver, seconds=seconds)

    assert "--max-time 1 " in " ".join(both.client.started[-1])


async def test_the_version_is_asked_without_looking_up_the_hosts_name(curl: Make) -> None:
    both = curl("64g", 28)

    await CurlFtp().prepare(both.client, both.server)

    assert "--version" not in both.client.started[0]


async def test_a_limit_is_told_to_curl_in_bytes(curl: Make) -> None:
    both = curl("64g", 28)

    await both.measured(CurlFtp(max_rate_mbit_per_s=100))

    assert "--limit-rate 12500000" in " ".join(both.client.started[2])


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("refused", 7, "Failed to connect to 127.0.0.1 port 2999"),
        ("password", 67, "Access denied: 530"),
        ("missing", 78, "The file does not exist"),
        ("killed", 18, "transfer closed with 68396392010 bytes remaining to read"),
        ("64g", 124, "exit status 124"),
    ],
)
async def test_a_failure_is_told_in_curls_words(
    curl: Make, name: str, status: int, words: str
) -> None:
    with pytest.raises(TrialFailed, match=words):
        await curl(name, status).measured(CurlFtp())


async def test_time_that_ran_out_before_any_byte_is_a_failure(curl: Make, answer: Make) -> None:
    both = curl("64g", 28)
    driver = CurlFtp()
    await driver.prepare(both.client, both.server)
    nothing = b'{"size_download":0,"time_pretransfer":0.000000,"time_total":2.000}\n'
    both.client.answers["curl"] = [answer(nothing, 28, "curl: (28) Connection timed out")]

    with pytest.raises(TrialFailed, match="Connection timed out"):
        await both.told(driver)


@pytest.mark.parametrize(
    ("stdout", "status"), [(b"", 1), (b"/scratch/ftp.curl", 1), (b"--output=/x", 0), (b"a\nb", 0)]
)
async def test_a_config_that_could_not_be_written_is_told(
    ends: Make, answer: Make, stdout: bytes, status: int
) -> None:
    both = ends(
        {
            "curl": [answer(b'USERAGENT, "curl/8.14.1");')],
            "cniadvisor-ftp-config": [answer(stdout, status, "no password")],
        }
    )

    with pytest.raises(TrialFailed, match="no password"):
        await CurlFtp().prepare(both.client, both.server)


@given(cut=st.integers(0, len(WRITTEN) - 1))
def test_a_cut_line_is_never_a_figure(cut: int) -> None:
    assert parse_write_out(WRITTEN[:cut]) is None


anything = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=3)


@given(
    told=st.dictionaries(
        st.sampled_from(["size_download", "time_pretransfer", "time_total"]), anything
    )
)
def test_any_json_is_read_without_raising(told: dict[str, object]) -> None:
    read = parse_write_out(json.dumps(told).encode())
    assert read is None or isinstance(read, Download)
    assert read is None or (read.total_s > read.login_s > 0 and read.received_bytes > 0)


@given(line=st.binary(max_size=100))
def test_garbage_is_ignored(line: bytes) -> None:
    assert parse_write_out(line) is None
