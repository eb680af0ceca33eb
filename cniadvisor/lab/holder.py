"""The process that holds a lab's namespaces, and runs programs in them.

Run as ``python -m cniadvisor.lab.holder DESCRIPTOR`` with a socket to whoever started it
(:mod:`cniadvisor.lab.ground`). Standard library only.

It is process 1 of a process-id namespace: when it ends the kernel kills everything in there, and
with the last process and descriptor the network and mount namespaces go too. It ends when its
socket is closed, which is also what a ``kill -9`` of the other side does, and the kernel kills it
when its parent dies. Nothing has a name outside.

A place is a network namespace together with a view of files: the tools' root file system,
read-only, with memory of its own for what is written. Nothing of the machine's files is seen there.

As an ordinary user all this happens in a user namespace with one user: root there is the user
outside. Servers then run in one more user namespace, as the same user under another number.
"""

import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from errno import EBUSY
from pathlib import Path
from typing import NoReturn

from cniadvisor.lab import messages
from cniadvisor.lab.messages import Clear, Done, Ended, Failed, Lay, Message, Ready, Refused, Start
from cniadvisor.lab.syscalls import (
    CLONE_NEWNET,
    CLONE_NEWNS,
    CLONE_NEWPID,
    CLONE_NEWUSER,
    MS_NODEV,
    MS_NOEXEC,
    MS_NOSUID,
    MS_PRIVATE,
    MS_REC,
    die_with_parent,
    mount,
    no_new_privileges,
    setns,
    unshare,
)
from cniadvisor.lab.view import SERVER_ID, enter_view

_STREAMS = 3
_KILL_ROUNDS = 100
_NAMESPACES = CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID


def main(descriptor: int) -> int:
    """Make the namespaces, then hold them in a child that is process 1 there."""
    control = socket.socket(fileno=descriptor)
    # Not handed on to what is started, or the lab would outlive its owner.
    control.set_inheritable(False)
    try:
        as_root = _own_namespaces()
        die_with_parent(signal.SIGKILL)
    except OSError as error:
        control.send(messages.encode(Refused(what=str(error.strerror), errno=error.errno or 0)))
        return 1
    holder = os.fork()
    if holder == 0:
        die_with_parent(signal.SIGKILL)
        _hold(control, as_root=as_root)
    control.close()
    return os.waitstatus_to_exitcode(os.waitpid(holder, 0)[1])


def _own_namespaces() -> bool:
    """Enter new namespaces; return whether that went without a user namespace."""
    user, group = os.geteuid(), os.getegid()
    if user == 0:
        # Root of a container may lack the right and yet be let in by the other door.
        with suppress(PermissionError):
            unshare(_NAMESPACES)
            return True
    unshare(_NAMESPACES | CLONE_NEWUSER)
    _map_ids(user=(0, user), group=(0, group))
    return False


def _map_ids(*, user: tuple[int, int], group: tuple[int, int]) -> None:
    """Map one user and one group into the user namespace we just entered: inside, outside."""
    # Without the right to drop groups nobody can be kept out by them: the kernel insists on this.
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{user[0]} {user[1]} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{group[0]} {group[1]} 1", encoding="ascii")


def _hold(control: socket.socket, *, as_root: bool) -> NoReturn:
    try:
        # Whatever is mounted from now on stays here.
        mount("none", "/", None, MS_REC | MS_PRIVATE)
        # Of this process-id namespace, for finding what is to be killed.
        mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    except OSError as error:
        control.send(messages.encode(Refused(what=str(error.strerror), errno=error.errno or 0)))
        os._exit(1)
    Holder(control, as_root=as_root).serve()
    os._exit(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Descriptors of a place's namespaces: they are what keeps it."""

    network: int
    view: int

    def close(self) -> None:
        os.close(self.network)
        os.close(self.view)


@dataclass(slots=True)
class Holder:
    """Serves one socket until it is closed."""

    control: socket.socket
    as_root: bool = field(kw_only=True)
    _groups: dict[str, Mapping[str, _Place]] = field(
        default_factory=dict[str, Mapping[str, _Place]]
    )
    _running: dict[int, int] = field(default_factory=dict[int, int])

    def serve(self) -> None:
        """Do what the other side asks, and tell it of every program that ended."""
        woken, wake = os.pipe()
        os.set_blocking(woken, False)
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake)
        signal.signal(signal.SIGCHLD, _noted)
        self._tell(Ready(as_root=self.as_root))
        with selectors.DefaultSelector() as waiting:
            waiting.register(self.control, selectors.EVENT_READ)
            waiting.register(woken, selectors.EVENT_READ)
            while True:
                ready = {key.fd for key, _ in waiting.select()}
                if woken in ready:
                    with suppress(BlockingIOError):
                        os.read(woken, 4096)
                    self._collect()
                if self.control.fileno() in ready and not self._answer():
                    return

    def _answer(self) -> bool:
        """Do what one message asks; False when the other side is gone."""
        try:
            data, streams, _, _ = socket.recv_fds(
                self.control, messages.MOST_BYTES, _STREAMS, socket.MSG_CMSG_CLOEXEC
            )
        except ConnectionError:
            return False
        if not data:
            return False
        try:
            match messages.decode(data):
                case Lay() as asked:
                    self._do(asked.id, lambda: self._lay(asked))
                case Start() as asked:
                    self._do(asked.id, lambda: self._start(asked, streams))
                case Clear() as asked:
                    self._do(asked.id, lambda: self._clear(asked.group))
                case _:
                    raise AssertionError("only the holder says so")
        finally:
            for stream in streams:
                os.close(stream)
        return True

    def _do(self, number: int, work: Callable[[], None]) -> None:
        try:
            work()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            self._tell(Failed(id=number, reason=reason, errno=error.errno or 0))
        else:
            self._tell(Done(id=number))

    def _tell(self, message: Message) -> None:
        with suppress(ConnectionError):  # The other side is gone: the next read says so.
            self.control.send(messages.encode(message))

    # -- places

    def _lay(self, asked: Lay) -> None:
        networks: dict[str, int] = {}
        views: dict[str, int] = {}
        home = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            for name in asked.places:
                unshare(CLONE_NEWNET)
                networks[name] = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
            setns(home, CLONE_NEWNET)
            for name in asked.places:
                views[name] = self._view(asked.root, networks, name)
        except OSError:
            setns(home, CLONE_NEWNET)
            for descriptor in (*networks.values(), *views.values()):
                os.close(descriptor)
            raise
        finally:
            os.close(home)
        self._groups[asked.group] = {
            name: _Place(network=networks[name], view=views[name]) for name in asked.places
        }

    def _view(self, root: str, networks: Mapping[str, int], name: str) -> int:
        """Return a descriptor of a mount namespace in which the place's files are all there is.

        A child makes it and hands it over: what it enters it can't leave.
        """
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with here, there:
            child = os.fork()
            if child == 0:
                _in_child(lambda: _make_view(there, root, networks, name, as_root=self.as_root))
            there.close()
            try:
                said, handed, _, _ = socket.recv_fds(here, 4096, 1, socket.MSG_CMSG_CLOEXEC)
            finally:
                os.waitpid(child, 0)
        if handed:
            return handed[0]
        number, _, reason = said.decode().partition(" ")
        raise OSError(int(number or 0), reason or "the child that makes a place died")

    def _clear(self, group: str) -> None:
        places = self._groups.pop(group, {})
        networks = {os.fstat(place.network).st_ino for place in places.values()}
        try:
            for _ in range(_KILL_ROUNDS):
                inside = _inhabitants(networks)
                if not inside:
                    return
                for pid in inside:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                time.sleep(0.01)
                self._collect()
            raise OSError(EBUSY, "a process does not end")
        finally:
            for place in places.values():
                place.close()

    # -- programs

    def _start(self, asked: Start, streams: list[int]) -> None:
        places = self._groups.get(asked.group, {})
        if asked.place not in places:
            raise FileNotFoundError(2, f"there is no place {asked.place} in {asked.group}")
        place = places[asked.place]
        said, say = os.pipe2(os.O_CLOEXEC)
        child = os.fork()
        if child == 0:
            try:
                _become(asked, place, streams, as_root=self.as_root)
            except OSError as error:
                os.write(say, f"{error.errno or 0} {error.strerror}".encode())
            finally:
                os._exit(127)
        os.close(say)
        with os.fdopen(said, "rb") as reading:
            complaint = reading.read().decode()
        if complaint:
            os.waitpid(child, 0)
            number, _, reason = complaint.partition(" ")
            raise OSError(int(number), f"{asked.argv[0]}: {reason}")
        self._running[child] = asked.id

    def _collect(self) -> None:
        """Collect the dead, orphans too, and tell of those that were asked for."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            number = self._running.pop(pid, None)
            if number is not None:
                code = os.waitstatus_to_exitcode(status)
                self._tell(Ended(id=number, status=code if code >= 0 else 128 - code))


def _noted(_number: int, _frame: object) -> None:
    """Handle a signal by being woken by it."""


def _inhabitants(networks: set[int]) -> list[int]:
    """The processes whose network namespace is one of these, by its inode."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and entry.name != "1":
            with suppress(OSError):
                if (entry / "ns/net").stat().st_ino in networks:
                    found.append(int(entry.name))
    return found


def _in_child(work: Callable[[], None]) -> NoReturn:
    """Do ``work`` in a process just forked, and end it."""
    try:
        work()
    finally:
        os._exit(0)


def _make_view(
    there: socket.socket, root: str, networks: Mapping[str, int], name: str, *, as_root: bool
) -> None:
    try:
        unshare(CLONE_NEWNS)
        setns(networks[name], CLONE_NEWNET)
        enter_view(root, networks, owner=SERVER_ID if as_root else 0)
        view = os.open("/proc/self/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        there.send(f"{error.errno or 0} {error.strerror}".encode())
    else:
        socket.send_fds(there, [b"view"], [view])


def _become(asked: Start, place: _Place, streams: list[int], *, as_root: bool) -> None:
    """Turn this process, just forked, into the program."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    os.setsid()
    setns(place.view, CLONE_NEWNS)
    setns(place.network, CLONE_NEWNET)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    if asked.unprivileged:
        _drop_privileges(as_root=as_root)
    os.chdir("/scratch")
    os.execvpe(asked.argv[0], [*asked.argv], asked.environment)  # noqa: S606 - by argument list


def _drop_privileges(*, as_root: bool) -> None:
    """Become the servers' user; no program run from now on has a capability."""
    if as_root:
        os.setgroups([])
        os.setresgid(SERVER_ID, SERVER_ID, SERVER_ID)
        os.setresuid(SERVER_ID, SERVER_ID, SERVER_ID)
    else:
        # The one user there is, under a number that is not root's. The capabilities that come with
        # the namespace are gone at exec.
        unshare(CLONE_NEWUSER)
        _map_ids(user=(SERVER_ID, 0), group=(SERVER_ID, 0))
    no_new_privileges()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
