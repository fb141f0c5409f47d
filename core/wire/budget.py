"""How many bytes of large messages may be in memory at once; who comes later waits.

For one event loop. Knows nothing of what the bytes are.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Budget:
    """So many bytes to lend; given in the order in which they were asked for."""

    def __init__(self, n_bytes: int) -> None:
        self._total_bytes = self._free_bytes = n_bytes
        self._queue = asyncio.Lock()  # fair, so that small wishes do not starve a large one
        self._given_back = asyncio.Condition()

    @asynccontextmanager
    async def lend(self, n_bytes: int) -> AsyncIterator[None]:
        """Wait until so many bytes are free, and hold them; more than there are counts as all."""
        n_bytes = min(n_bytes, self._total_bytes)
        async with self._queue, self._given_back:
            await self._given_back.wait_for(lambda: self._free_bytes >= n_bytes)
            self._free_bytes -= n_bytes
        try:
            yield
        finally:
            self._free_bytes += n_bytes
            async with self._given_back:
                self._given_back.notify_all()
