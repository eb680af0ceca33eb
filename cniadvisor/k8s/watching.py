"""Following a collection of objects by list and watch, across every way a watch can end."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping

from cniadvisor.domain.errors import CniAdvisorError
from cniadvisor.domain.inventory import JsonObject
from cniadvisor.k8s.api_errors import GoneError, StreamBrokenError
from cniadvisor.k8s.connection import Connection
from cniadvisor.k8s.objects import mapping, objects, text
from cniadvisor.k8s.retrying import may_pass

__all__ = ["following"]

_WATCH_S = 30
"""The server ends a watch after this time by itself; it is then resumed."""

_SILENCE_S = _WATCH_S + 10
"""A watch that is silent for longer was cut on the way without either end being told."""

_PAUSE_S = 0.5


async def following(
    connection: Connection, path: str, query: Mapping[str, str]
) -> AsyncGenerator[Mapping[str, JsonObject]]:
    """Yield the objects at ``path`` by name: as listed first, then after each change, for ever.

    A watch that ends is resumed where it ended; where the server has forgotten that place (410)
    everything is listed anew. While the server is away it is tried again: the caller sets the
    time limit, and closes the generator (``contextlib.aclosing``).

    Raises:
        ClusterError: what can't pass by itself; AccessError names the right to list or watch.
    """
    known: dict[str, JsonObject] = {}
    version = ""
    while True:
        try:
            if not version:
                listed = await connection.listed(path, query)
                known = {text(item, "metadata", "name"): item for item in objects(listed, "items")}
                version = text(listed, "metadata", "resourceVersion")
                yield dict(known)
            watch = {
                **query,
                "watch": "1",
                "resourceVersion": version,
                "allowWatchBookmarks": "true",
                "timeoutSeconds": str(_WATCH_S),
            }
            async with connection.stream_lines(path, watch) as lines:
                async for event in _events(lines):
                    changed = mapping(event, "object")
                    version = text(changed, "metadata", "resourceVersion") or version
                    if event.get("type") == "BOOKMARK":
                        continue
                    if event.get("type") == "DELETED":
                        known.pop(text(changed, "metadata", "name"), None)
                    else:
                        known[text(changed, "metadata", "name")] = changed
                    yield dict(known)
        except GoneError:
            version = ""
        except CniAdvisorError as error:
            if not may_pass(error):
                raise
            await asyncio.sleep(_PAUSE_S)


async def _events(lines: AsyncIterator[bytes]) -> AsyncGenerator[JsonObject]:
    """Yield watch events until the server ends the watch.

    Raises:
        GoneError: the server can't go on from here; what it knows must be listed anew.
        StreamBrokenError: nothing came for too long.
    """
    while True:
        try:
            async with asyncio.timeout(_SILENCE_S):
                line = await anext(lines, None)
        except TimeoutError:
            raise StreamBrokenError("a watch fell silent") from None
        if line is None:
            return
        try:
            event = mapping(json.loads(line))
        except ValueError:
            raise GoneError("a watch event could not be read") from None
        if event.get("type") == "ERROR":
            # Nearly always 410; whatever it is, a new list is the way on (client-go does the same).
            raise GoneError("the watch was ended by the server")
        yield event
