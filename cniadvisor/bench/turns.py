"""Several sessions on one machine take turns, so that no two trials run at once.

Each session measures for a moment *alone*, one after the other in a fixed circle; and all come
*together* where they must do the same at the same time (watching idle nodes). A session that is
over *leaves*: nobody waits for it any more.
"""

import asyncio
from contextlib import AbstractAsyncContextManager


class Turns:
    """What the sessions of one machine share; ``parties`` is how many of them there are."""

    def __init__(self, parties: int = 1) -> None:
        self._parties = parties
        self._lock = asyncio.Lock()
        self._arrived: list[asyncio.Future[None]] = []

    def alone(self) -> AbstractAsyncContextManager[None]:
        """Hold the machine; whoever asked first has it first, so that parties alternate."""
        return self._lock

    async def together(self) -> None:
        """Wait until every party that has not left is here."""
        here = asyncio.get_running_loop().create_future()
        self._arrived.append(here)
        self._go_on_if_complete()
        try:
            await here
        finally:
            if here in self._arrived:
                self._arrived.remove(here)

    def leave(self) -> None:
        """Be waited for no longer. A party says so once."""
        self._parties -= 1
        self._go_on_if_complete()

    def _go_on_if_complete(self) -> None:
        if len(self._arrived) >= self._parties:
            for here in self._arrived:
                if not here.done():
                    here.set_result(None)
            self._arrived.clear()
