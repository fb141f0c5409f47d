"""A database server on this machine that tests switch off and on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.engine.engine import Engine
from core.media import edits
from core.media.probe import probe
from core.wire.server import Server
from tests.wire.outages import free_port

PASSWORD = "between us"  # noqa: S105 - of these tests


class Machine:
    """A server that can be switched off and on, with what it stores."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._engine = Engine(folder, probe_video=probe, studio=edits)
        self._server: Server | None = None

    @property
    def said(self) -> str:
        """APERTUREDB_JSON for it."""
        said = {"host": "127.0.0.1", "port": self.port, "username": "admin"}
        return json.dumps({**said, "password": PASSWORD, "use_ssl": False})

    def on(self) -> None:
        self._server = Server(self._engine, port=self.port, password=PASSWORD)
        self._server.start()

    def off(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def query(self, *commands: dict[str, Any]) -> Any:
        return self._engine.query(list(commands))[0]

    def states(self) -> dict[str, str]:
        """Say how far each video is, by its id; asked behind the server's back."""
        results = {"list": ["video_id", "index_state"]}
        (found,) = self.query({"FindVideo": {"results": results}})
        return {v["video_id"]: v["index_state"] for v in found["FindVideo"].get("entities", [])}

    def end(self) -> None:
        self.off()
        self._engine.close()
