"""Passes connections on: forwarder.py LISTENING_DESCRIPTOR HOST PORT.

It runs inside the control plane's network namespace with a socket that listens outside:
that socket is the only thing of the cluster in the machine's own network namespace.
"""

import asyncio
import contextlib
import socket
import sys

_PIECE = 256 * 1024


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while piece := await source.read(_PIECE):
        target.write(piece)
        await target.drain()
    target.write_eof()  # the other direction may go on


async def serve(listening: socket.socket, host: str, port: int) -> None:
    """Pass every connection on, until killed."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(OSError, ExceptionGroup):
            far_reader, far_writer = await asyncio.open_connection(host, port)
            with contextlib.closing(far_writer):
                # When one direction breaks, the group ends the other with it.
                async with asyncio.TaskGroup() as both:
                    both.create_task(_copy(reader, far_writer))
                    both.create_task(_copy(far_reader, writer))

    server = await asyncio.start_server(connected, sock=listening, backlog=512)
    await server.serve_forever()


if __name__ == "__main__":
    inherited = socket.socket(fileno=int(sys.argv[1]))
    asyncio.run(serve(inherited, sys.argv[2], int(sys.argv[3])))
