"""GetStatus."""

from __future__ import annotations

from core.engine.kinds import FLAG
from core.engine.language import Body, command
from core.engine.messages import SUCCESS
from core.engine.transaction import Transaction

# The server whose recorded answers this engine follows.
VERSION = "0.19.6"


# Taken, as the documentation names them, and without effect: what the server says by them is not
# documented.
_MORE = ("all", "connection_count", "cpu_utilization", "memory_utilization")


@command("GetStatus", dict.fromkeys(_MORE, FLAG), writes=False)
def get_status(_tx: Transaction, _body: Body) -> Body:
    """Say that the database answers."""
    return {"info": "OK", "status": SUCCESS, "system": "ApertureDB", "version": VERSION}
