"""UserLogMessage: a client's own words among the log's lines."""

from __future__ import annotations

import logging

from core.engine.kinds import TEXT, one_of
from core.engine.language import Body, command
from core.engine.messages import SUCCESS
from core.engine.transaction import Transaction

_LEVELS = {"INFO": logging.INFO, "WARNING": logging.WARNING, "ERROR": logging.ERROR}

log = logging.getLogger("reelseek.user")
log.setLevel(logging.INFO)  # what somebody sends to be logged is, also where only warnings are


@command(
    "UserLogMessage",
    {"text": TEXT, "type": one_of(*_LEVELS)},
    required=("text",),
    writes=False,
)
def user_log_message(_tx: Transaction, body: Body) -> Body:
    """Log a text in quotes, so that no line of it passes for one of the log's own."""
    log.log(_LEVELS[body.get("type", "INFO")], "A client says: %r", body["text"])
    return {"status": SUCCESS}
