"""cniadvisor-serve: each server is started as its own configuration says, and only then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cniadvisor.resources import benchmarks

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.benchmarks.conftest import Scripts

PORTS = """\
nginx 8080
vsftpd 2121 2122 2141
sshd 2222
sockperf-tcp 11111
sockperf-udp 11112
"""


@pytest.fixture
def places(scripts: Scripts, tmp_path: Path) -> dict[str, str]:
    """Where a server's things are outside the image, with what a target puts there."""
    (scripts.scratch / "ports").write_text(PORTS)
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "ftp-password").write_text("secret-word")
    for program in ("nginx", "vsftpd", "sshd", "sockperf"):
        scripts.stand_in(program, 'echo "$(basename "$0") $*"')
    scripts.stand_in("ssh-keygen", 'echo "ssh-keygen $*"')
    return {
        "LISTEN_ADDRESS": "192.0.2.7",
        "CNIADVISOR_DATA": str(tmp_path / "data"),
        "CNIADVISOR_CREDENTIALS": str(tmp_path / "credentials"),
        "CNIADVISOR_SHARE": str(benchmarks() / "image" / "share"),
    }


def options(path: Path) -> list[str]:
    """What stands in a configuration, without comments and layout."""
    lines = (line.strip() for line in path.read_text().splitlines())
    return [line for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("nginx", "nginx -e stderr -c {scratch}/nginx.conf"),
        ("vsftpd", "vsftpd {scratch}/vsftpd.conf"),
        ("sockperf-tcp", "sockperf server --tcp -i 192.0.2.7 -p 11111"),
        ("sockperf-udp", "sockperf server -i 192.0.2.7 -p 11112"),
    ],
)
def test_a_server_is_started(
    scripts: Scripts, places: dict[str, str], service: str, expected: str
) -> None:
    done = scripts.run("serve", service, **places)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == expected.format(scratch=scripts.scratch) + "\n"


def test_nginx_listens_on_one_address_and_writes_to_scratch_only(
    scripts: Scripts, places: dict[str, str]
) -> None:
    scripts.run("serve", "nginx", **places)
    said = options(scripts.scratch / "nginx.conf")
    assert [line for line in said if line.startswith("listen")] == [
        "listen 192.0.2.7:8080 reuseport;"
    ]
    assert "access_log off;" in said
    assert f"root {places['CNIADVISOR_DATA']};" in said
    written = [line for line in said if "_temp_path" in line or line.startswith("pid")]
    assert len(written) == 6
    assert all(f" {scripts.scratch}/" in line for line in written)


def test_vsftpd_gets_its_ports_and_the_password_file(
    scripts: Scripts, places: dict[str, str]
) -> None:
    scripts.run("serve", "vsftpd", **places)
    said = set(options(scripts.scratch / "vsftpd.conf"))
    assert {
        *("listen=YES", "listen_address=192.0.2.7", "listen_port=2121"),
        *("pasv_min_port=2122", "pasv_max_port=2141", "write_enable=NO", "local_enable=NO"),
        "secure_email_list_enable=YES",
        f"email_password_file={places['CNIADVISOR_CREDENTIALS']}/ftp-password",
        f"anon_root={places['CNIADVISOR_DATA']}",
    } <= said
    assert "secret-word" not in "".join(said)


def test_sshd_makes_its_key_once_and_lets_only_keys_in(
    scripts: Scripts, places: dict[str, str]
) -> None:
    done = scripts.run("serve", "sshd", **places)
    key = scripts.scratch / "host_key"
    assert done.stdout.splitlines() == [
        f"ssh-keygen -q -t ed25519 -N  -C  -f {key}",
        f"sshd -D -e -f {scripts.scratch}/sshd_config",
    ]
    said = options(scripts.scratch / "sshd_config")
    assert {
        *("Port 2222", "ListenAddress 192.0.2.7", f"HostKey {key}", "DisableForwarding yes"),
        f"AuthorizedKeysFile {scripts.scratch}/authorized_keys",
        *("PasswordAuthentication no", "KbdInteractiveAuthentication no", "UsePAM no"),
        *("ForceCommand internal-sftp -R", "Subsystem sftp internal-sftp"),
    } <= set(said)
    key.touch()
    assert "ssh-keygen" not in scripts.run("serve", "sshd", **places).stdout


def test_an_ipv6_address_is_written_as_each_server_wants_it(
    scripts: Scripts, places: dict[str, str]
) -> None:
    places["LISTEN_ADDRESS"] = "2001:db8::7"
    for service in ("nginx", "vsftpd", "sshd"):
        assert scripts.run("serve", service, **places).returncode == 0
    assert "listen [2001:db8::7]:8080 reuseport;" in options(scripts.scratch / "nginx.conf")
    vsftpd = options(scripts.scratch / "vsftpd.conf")
    assert {"listen_ipv6=YES", "listen_address6=2001:db8::7"} <= set(vsftpd)
    assert "listen=YES" not in vsftpd
    assert "ListenAddress 2001:db8::7" in options(scripts.scratch / "sshd_config")


@pytest.mark.parametrize("address", ["a|b", "1.2.3.4;", "localhost", "1.2.3.4 include /x", "$(id)"])
def test_what_is_no_address_never_gets_into_a_configuration(
    scripts: Scripts, places: dict[str, str], address: str
) -> None:
    done = scripts.run("serve", "nginx", **(places | {"LISTEN_ADDRESS": address}))
    assert (done.returncode, done.stdout) == (2, "")
    assert "not an address" in done.stderr
    assert not (scripts.scratch / "nginx.conf").exists()


@pytest.mark.parametrize(("password", "message"), [(None, "cannot be read"), ("", "is empty")])
def test_vsftpd_does_not_start_without_a_password(
    scripts: Scripts, places: dict[str, str], tmp_path: Path, password: str | None, message: str
) -> None:
    file = tmp_path / "credentials" / "ftp-password"
    file.unlink()
    if password is not None:
        file.write_text(password)
    done = scripts.run("serve", "vsftpd", **places)
    assert (done.returncode, done.stdout) == (1, "")
    assert message in done.stderr


def test_serving_looks_for_udp_where_it_is_udp(scripts: Scripts) -> None:
    (scripts.scratch / "ports").write_text(PORTS)
    scripts.stand_in("ss", "case $* in *-lnu*11112) echo UNCONN ;; *-lnt*2121) echo LISTEN ;; esac")
    assert scripts.run("serving", "sockperf-udp").returncode == 0
    assert scripts.run("serving", "vsftpd").returncode == 0
    assert scripts.run("serving", "sockperf-tcp").returncode == 1
