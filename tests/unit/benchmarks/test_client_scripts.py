"""What runs at the client, and what a driver asks of the server: formats, and hostile arguments.

The real tools are tried in tests/cluster/test_image_tools.py; here stand-ins take their places.
"""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest

from cniadvisor.resources import benchmarks

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.benchmarks.conftest import Scripts

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIByepk0w61mcvgqB9TBAqIUg2vo+/HO06qB7F2cNwjMB"
HOSTILE_ADDRESSES = ["", "-oProxyCommand=id", "a.example", "1.2.3.4 x", "1.2.3.4;id", "1\n2"]
HOSTILE_PORTS = ["", "0", "-1", "x", "22 23", "100000", "08"]
HOSTILE_KEYS = [
    *("", "ssh-rsa AAAA", "ssh-ed25519 BBBB", f"no-pty {KEY}", f'command="id" {KEY}'),
    *(f"{KEY}\n{KEY}", f"{KEY}\n", f"# {KEY}", f"@cert-authority {KEY}"),
]


# -- ftp


@pytest.fixture
def password(tmp_path: Path) -> Path:
    (tmp_path / "credentials").mkdir()
    file = tmp_path / "credentials" / "ftp-password"
    file.write_text("secret-word")
    return file


@pytest.mark.parametrize(
    ("address", "host"), [("192.0.2.7", "192.0.2.7"), ("2001:db8::7", "[2001:db8::7]")]
)
def test_curl_gets_address_and_password_by_a_file_of_its_own(
    scripts: Scripts, password: Path, address: str, host: str
) -> None:
    place = {"CNIADVISOR_CREDENTIALS": str(password.parent)}
    config = scripts.scratch / "ftp.curl"
    config.touch(0o666)
    done = scripts.run("ftp-config", address, "2121", "64g", **place)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{config}\n", "")
    assert config.read_text() == f'url = "ftp://{host}:2121/64g"\nuser = "anonymous:secret-word"\n'
    assert stat.S_IMODE(config.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["192.0.2.7", "2121"],
        *([address, "2121", "64g"] for address in HOSTILE_ADDRESSES),
        *(["192.0.2.7", port, "64g"] for port in HOSTILE_PORTS),
        *(["192.0.2.7", "2121", name] for name in ("", "../x", "a/b", "a b", 'a"', "a\nb", "%2F")),
    ],
)
def test_a_wrong_call_of_ftp_config_writes_nothing(
    scripts: Scripts, password: Path, arguments: list[str]
) -> None:
    place = {"CNIADVISOR_CREDENTIALS": str(password.parent)}
    done = scripts.run("ftp-config", *arguments, **place)
    assert (done.returncode, done.stdout) == (2, "")
    assert "cniadvisor-ftp-config:" in done.stderr
    assert not (scripts.scratch / "ftp.curl").exists()


@pytest.mark.parametrize("content", [None, "", "two words", 'quo"te', "back\\slash"])
def test_no_password_is_said_without_showing_it(
    scripts: Scripts, password: Path, content: str | None
) -> None:
    password.unlink()
    if content is not None:
        password.write_text(content)
    place = {"CNIADVISOR_CREDENTIALS": str(password.parent)}
    done = scripts.run("ftp-config", "192.0.2.7", "2121", "64g", **place)
    assert (done.returncode, done.stdout) == (1, "")
    assert "ftp-password" in done.stderr
    assert not content or content not in done.stderr
    assert not (scripts.scratch / "ftp.curl").exists()


# -- ssh


def test_the_clients_key_is_made_once(scripts: Scripts) -> None:
    scripts.stand_in(
        "ssh-keygen",
        f"""case $* in
            *-y*) echo '{KEY} cniadvisor' ;;
            *) echo made >>{scripts.scratch}/made; : >{scripts.scratch}/id.new ;;
        esac""",
    )
    for _ in range(2):
        done = scripts.run("ssh-key")
        assert (done.returncode, done.stdout) == (0, f"{KEY} cniadvisor\n")
    assert (scripts.scratch / "made").read_text() == "made\n"
    assert scripts.run("ssh-key", "more").returncode == 2


def test_a_key_that_cannot_be_made_is_said(scripts: Scripts) -> None:
    scripts.stand_in("ssh-keygen", "echo 'No user exists for uid 7' >&2; exit 255")
    done = scripts.run("ssh-key")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "No user exists for uid 7\n")


def test_the_server_lets_the_last_key_in_and_no_other(scripts: Scripts) -> None:
    scripts.stand_in("ssh-keygen", f"[ $2 = -f ] && echo '{KEY} of-the-host'")
    (scripts.scratch / "host_key").touch()
    for comment in ("first", "second@client-1.x"):
        done = scripts.run("ssh-allow", f"{KEY} {comment}")
        assert (done.returncode, done.stdout) == (0, f"{KEY} of-the-host\n")
    allowed = scripts.scratch / "authorized_keys"
    assert allowed.read_text() == f"restrict {KEY} second@client-1.x\n"
    assert stat.S_IMODE(allowed.stat().st_mode) == 0o600


@pytest.mark.parametrize("line", HOSTILE_KEYS)
def test_what_is_no_plain_key_is_never_let_in(scripts: Scripts, line: str) -> None:
    (scripts.scratch / "host_key").touch()
    done = scripts.run("ssh-allow", line)
    assert (done.returncode, done.stdout) == (2, "")
    assert "not a public ed25519 key" in done.stderr
    assert not (scripts.scratch / "authorized_keys").exists()


def test_without_sshd_there_is_nobody_to_let_in(scripts: Scripts) -> None:
    assert scripts.run("ssh-allow").returncode == 2
    done = scripts.run("ssh-allow", KEY)
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no sshd here" in done.stderr


def test_the_client_knows_that_server_only(scripts: Scripts) -> None:
    known = scripts.scratch / "known_hosts"
    for address, port, host in [
        ("192.0.2.7", "2222", "[192.0.2.7]:2222"),
        ("192.0.2.7", "22", "192.0.2.7"),
        ("2001:db8::7", "2222", "[2001:db8::7]:2222"),
    ]:
        done = scripts.run("ssh-known", address, port, KEY)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert known.read_text() == f"{host} {KEY}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["192.0.2.7", "2222"],
        *([address, "2222", KEY] for address in HOSTILE_ADDRESSES),
        *(["192.0.2.7", port, KEY] for port in HOSTILE_PORTS),
        *(["192.0.2.7", "2222", line] for line in HOSTILE_KEYS),
    ],
)
def test_a_wrong_call_of_ssh_known_writes_nothing(scripts: Scripts, arguments: list[str]) -> None:
    done = scripts.run("ssh-known", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "cniadvisor-ssh-known:" in done.stderr
    assert not (scripts.scratch / "known_hosts").exists()


# -- scp

GOOD_CALL = ("192.0.2.7", "2222", "/data/scp.bin", "aes128-gcm@openssh.com")

# A master that makes its socket, waits for the order to exit, and then says what it counted.
MASTER = """\
for word in "$@"; do
    [ "$previous" = -S ] && socket=$word
    previous=$word
done
case $* in
    *' -O exit '*) rm "$socket" ;;
    *)
        echo "master $*" >>@SCRATCH@/calls
        echo 'Authenticated to 192.0.2.7 ([192.0.2.7]:2222) using "publickey".' >&2
        @LOGIN@
        python3 -c 'import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$socket"
        while [ -S "$socket" ]; do sleep 0.01; done
        echo 'Transferred: sent 3000, received 1074472620 bytes, in 2.0 seconds' >&2
        echo 'Bytes per second: sent 1.0, received 537236310.1' >&2
        exit 255 ;;
esac
"""


def play_ssh(scripts: Scripts, *, login: str = "", copy: str = "") -> None:
    scratch = str(scripts.scratch)
    scripts.stand_in("ssh", MASTER.replace("@SCRATCH@", scratch).replace("@LOGIN@", login))
    scripts.stand_in("scp", f'echo "scp $*" >>{scratch}/calls\n{copy}')


def test_login_and_transfer_are_told_apart(scripts: Scripts) -> None:
    noise = """echo 'scp: local ftruncate "/dev/null": Invalid argument' >&2"""
    play_ssh(scripts, login="sleep 0.4", copy=f"sleep 0.2; {noise}")
    done = scripts.run("scp", *GOOD_CALL)
    assert (done.returncode, done.stderr) == (0, "")
    running, finished = map(json.loads, done.stdout.splitlines())
    assert running["event"] == "running"
    assert 0.4 < running["login_seconds"] < 4
    assert finished["event"] == "done"
    assert 0.2 < finished["seconds"] < 4
    assert finished["received_bytes"] == 1074472620
    master, copied = (scripts.scratch / "calls").read_text().splitlines()
    assert "-p 2222 -c aes128-gcm@openssh.com" in master
    assert master.endswith(" bench@192.0.2.7")
    assert "-c aes128-gcm@openssh.com -P 2222" in copied
    assert copied.endswith(" bench@192.0.2.7:/data/scp.bin /dev/null")
    assert " -l " not in copied
    assert [file.name for file in scripts.scratch.iterdir()] == ["calls"]


def test_a_limit_and_an_ipv6_address_reach_scp(scripts: Scripts) -> None:
    play_ssh(scripts)
    done = scripts.run("scp", "2001:db8::7", *GOOD_CALL[1:], "8000")
    assert done.returncode == 0
    copied = (scripts.scratch / "calls").read_text().splitlines()[1]
    assert "-l 8000" in copied
    assert "bench@[2001:db8::7]:/data/scp.bin" in copied


def test_the_running_line_comes_before_the_transfer(scripts: Scripts) -> None:
    enough = scripts.scratch / "enough"
    play_ssh(scripts, copy=f"while [ ! -e {enough} ]; do sleep 0.01; done")
    child = scripts.start("scp", *GOOD_CALL)
    assert child.stdout is not None
    assert json.loads(child.stdout.readline())["event"] == "running"
    scripts.wait_for(lambda: "scp " in (scripts.scratch / "calls").read_text())
    assert child.poll() is None
    enough.touch()
    # Killed it would leave its master behind, which only the wrapper it runs in takes along.
    rest, _ = child.communicate(timeout=20)
    assert json.loads(rest)["event"] == "done"


def test_a_refused_login_is_told_in_sshs_words(scripts: Scripts) -> None:
    play_ssh(scripts, login="echo 'bench@192.0.2.7: Permission denied (publickey).' >&2; exit 255")
    done = scripts.run("scp", *GOOD_CALL)
    assert (done.returncode, done.stdout) == (255, "")
    assert done.stderr == "bench@192.0.2.7: Permission denied (publickey).\n"


def test_a_failed_transfer_gives_no_figure(scripts: Scripts) -> None:
    play_ssh(scripts, copy="echo 'scp: /data/x: No such file or directory' >&2; exit 1")
    done = scripts.run("scp", *GOOD_CALL)
    assert done.returncode == 1
    assert [json.loads(line)["event"] for line in done.stdout.splitlines()] == ["running"]
    assert done.stderr == "scp: /data/x: No such file or directory\n"
    assert [file.name for file in scripts.scratch.iterdir()] == ["calls"]


def test_the_session_ends_with_its_run(scripts: Scripts) -> None:
    play_ssh(scripts, copy="sleep 300")
    call = (str(benchmarks() / "image" / "cniadvisor-scp"), *GOOD_CALL)
    child = scripts.start("run", "scp", "300", "--", *call)
    calls = scripts.scratch / "calls"
    scripts.wait_for(lambda: calls.exists() and "scp " in calls.read_text())
    assert scripts.run("stop", "scp").returncode == 0
    assert child.wait(5) == 143
    assert not (scripts.scratch / "scp.socket").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        GOOD_CALL[:3],
        (*GOOD_CALL, "1", "2"),
        *((address, *GOOD_CALL[1:]) for address in HOSTILE_ADDRESSES),
        *((GOOD_CALL[0], port, *GOOD_CALL[2:]) for port in HOSTILE_PORTS),
        *(
            (*GOOD_CALL[:2], path, GOOD_CALL[3])
            for path in ("", "x", "/a b", "/$(id)", "/a\nb", "/*")
        ),
        *((*GOOD_CALL[:3], cipher) for cipher in ("", "-oX", "a b", "A;b")),
        *((*GOOD_CALL, limit) for limit in ("", "0", "-1", "1k", "1 2")),
    ],
)
def test_a_wrong_call_of_scp_starts_nothing(scripts: Scripts, arguments: tuple[str, ...]) -> None:
    play_ssh(scripts)
    done = scripts.run("scp", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "cniadvisor-scp:" in done.stderr
    assert not (scripts.scratch / "calls").exists()


# -- objects


def test_objects_are_as_long_as_their_names(scripts: Scripts, tmp_path: Path) -> None:
    done = scripts.run("data", CNIADVISOR_DATA=str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    sizes = {name: (tmp_path / name).stat().st_size for name in ("1k", "1m", "1g", "64g")}
    assert sizes == {"1k": 2**10, "1m": 2**20, "1g": 2**30, "64g": 2**36}
    assert (tmp_path / "64g").stat().st_blocks == 0
    assert len(set((tmp_path / "1k").read_bytes())) > 100


def test_a_full_data_folder_is_said(scripts: Scripts, tmp_path: Path) -> None:
    done = scripts.run("data", CNIADVISOR_DATA=str(tmp_path / "missing"))
    assert done.returncode != 0
    assert done.stderr != ""


@pytest.mark.parametrize("size", ["1", "123456789012"])
def test_the_object_of_scp_is_exactly_that_long(
    scripts: Scripts, tmp_path: Path, size: str
) -> None:
    file = tmp_path / "scp.bin"
    file.write_bytes(b"x" * 5000)
    done = scripts.run("object", size, CNIADVISOR_DATA=str(tmp_path))
    assert done.returncode == 0
    assert json.loads(done.stdout) == {"object": str(file), "bytes": int(size)}
    assert (file.stat().st_size, file.stat().st_blocks) == (int(size), 0)


@pytest.mark.parametrize("size", ["", "0", "-1", "+1", "1M", "1 2", "9" * 16, "01"])
def test_a_wrong_size_makes_no_object(scripts: Scripts, tmp_path: Path, size: str) -> None:
    done = scripts.run("object", size, CNIADVISOR_DATA=str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert not (tmp_path / "scp.bin").exists()


# -- h2load


def play_h2load(scripts: Scripts, log: str, status: int = 0) -> None:
    (scripts.programs / "log").write_text(log)
    scripts.stand_in(
        "h2load",
        f"""echo "h2load $*"
        for word in "$@"; do case $word in --log-file=*) out=${{word#--log-file=}} ;; esac; done
        cat {scripts.programs}/log >"$out"
        exit {status}""",
    )


def test_each_request_of_the_log_is_counted(scripts: Scripts) -> None:
    log = [(1763877421000000, 200, 213), (1763877420000000, 200, 5000000)]
    log += [(1763877424999999, 200, 213), (1763877423000000, 404, 100), (1763877420500000, -1, 7)]
    play_h2load(scripts, "".join(f"{a}\t{b}\t{c}\n" for a, b, c in log))
    done = scripts.run("h2load", "--h1", "-D", "2", "http://192.0.2.7/1k")
    assert (done.returncode, done.stderr) == (0, "")
    told, counted = done.stdout.splitlines()
    assert told.startswith("h2load --h1 -D 2 http://192.0.2.7/1k --log-file=")
    assert json.loads(counted) == {
        "event": "log",
        "statuses": {"200": 3, "404": 1, "-1": 1},
        "span_us": 5000212,
        "latency_us": {"213": 2, "5000000": 1},
    }
    assert list(scripts.scratch.iterdir()) == []


def test_an_empty_log_counts_nothing(scripts: Scripts) -> None:
    play_h2load(scripts, "")
    done = scripts.run("h2load", "x")
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "event": "log",
        "statuses": {},
        "span_us": 0,
        "latency_us": {},
    }


@pytest.mark.parametrize(
    "line", ["1763877420\t200", "a\t200\t3", "1\t200\t3\t4", "1 200 3", '1\t"\t3']
)
def test_a_damaged_log_gives_no_figure(scripts: Scripts, line: str) -> None:
    play_h2load(scripts, f"1\t200\t3\n{line}\n")
    done = scripts.run("h2load", "x")
    assert done.returncode == 1
    assert "event" not in done.stdout
    assert "not a line of its log" in done.stderr


def test_h2loads_failure_is_its_own(scripts: Scripts) -> None:
    play_h2load(scripts, "1\t200\t3\n", status=7)
    done = scripts.run("h2load", "x")
    assert done.returncode == 7
    assert "event" not in done.stdout
    assert list(scripts.scratch.iterdir()) == []
