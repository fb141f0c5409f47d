"""The protocol's server, which answers wrong arguments in our own words."""

from __future__ import annotations

from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import ValidationError

_MOST_SHOWN = 60  # characters of a wrong value


class Server(MCPServer):
    """Serves tools; on standard error is only what somebody has to look at."""

    def __init__(self, name: str, *, instructions: str) -> None:
        super().__init__(name, instructions=instructions, log_level="WARNING")

    async def call_tool(self, name: str, arguments: dict[str, Any], context: Any = None) -> Any:
        """Call a tool.

        Raises:
            ToolError: it does not take these arguments, or it says what went wrong.
        """
        await self._check_names(name, arguments)
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            if isinstance(error.__cause__, ValidationError):
                raise ToolError(_sentence(name, error.__cause__)) from error.__cause__
            raise

    async def _check_names(self, name: str, arguments: dict[str, Any]) -> None:
        """Refuse what a tool has no argument for: its package would leave that out in silence."""
        schemas = {tool.name: tool.input_schema for tool in await self.list_tools()}
        if name not in schemas:
            return  # its own sentence says so
        known = list(schemas[name].get("properties", {}))
        unknown = ", ".join(repr(one)[:_MOST_SHOWN] for one in arguments if one not in known)
        if unknown:
            raise ToolError(f"{name} has no argument {unknown}. It takes {', '.join(known)}.")


def _sentence(name: str, wrong: ValidationError) -> str:
    faults: dict[str, str] = {}
    for one in wrong.errors():
        field = str(one["loc"][0]) if one["loc"] else "what it was given"
        value = repr(one["input"])[:_MOST_SHOWN]
        faults.setdefault(field, "is missing" if one["type"] == "missing" else f"cannot be {value}")
    told = ", ".join(f"{field} {fault}" for field, fault in faults.items())
    return f"{name} cannot be called so: {told}. Give it what its schema says."
