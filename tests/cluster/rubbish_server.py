"""Answers every connection and every datagram with random bytes; prints its port first."""

import os
import selectors
import socket
from contextlib import suppress

PIECE_BYTES = 4096
PIECES = 64  # then it hangs up


def main() -> None:
    """Serve until killed."""
    stream = socket.create_server(("0.0.0.0", 0), backlog=128)
    port: int = stream.getsockname()[1]
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind(("0.0.0.0", port))
    print(port, flush=True)
    ready = selectors.DefaultSelector()
    ready.register(stream, selectors.EVENT_READ)
    ready.register(datagrams, selectors.EVENT_READ)
    left: dict[socket.socket, int] = {}
    while True:
        for key, _ in ready.select():
            if key.fileobj is stream:
                peer, _ = stream.accept()
                peer.setblocking(False)
                left[peer] = PIECES
                ready.register(peer, selectors.EVENT_WRITE)
            elif key.fileobj is datagrams:
                _, sender = datagrams.recvfrom(65536)
                with suppress(OSError):
                    datagrams.sendto(os.urandom(64), sender)
            else:
                peer = key.fileobj
                assert isinstance(peer, socket.socket)
                left[peer] -= 1
                try:
                    peer.send(os.urandom(PIECE_BYTES))
                except BlockingIOError:
                    continue
                except OSError:
                    left[peer] = 0
                if left[peer] <= 0:
                    del left[peer]
                    ready.unregister(peer)
                    peer.close()


if __name__ == "__main__":
    main()
