"""A fake HTTP proxy: CONNECT only, remembers what it was asked for and with which credentials."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class FakeProxy:
    """``refuses`` answers each CONNECT with that status; ``sends_to`` overrides its port."""

    port: int = 0
    refuses: int | None = None
    sends_to: int | None = None
    targets: list[str] = field(default_factory=list[str])
    heads: list[str] = field(default_factory=list[str])

    @classmethod
    @asynccontextmanager
    async def serve(cls) -> AsyncGenerator["FakeProxy"]:
        """Serve on 127.0.0.1."""
        proxy = cls()
        tasks: set[asyncio.Task[None]] = set()

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            tasks.add(asyncio.create_task(proxy._connection(reader, writer)))

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        proxy.port = server.sockets[0].getsockname()[1]
        try:
            yield proxy
        finally:
            server.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.heads.append(head)
            target = head.split()[1]
            self.targets.append(target)
            if self.refuses is not None:
                writer.write(f"HTTP/1.1 {self.refuses} No\r\nContent-Length: 0\r\n\r\n".encode())
                await writer.drain()
                return
            port = self.sends_to or int(target.rpartition(":")[2])
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        finally:
            writer.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
