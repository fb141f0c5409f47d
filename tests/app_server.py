"""The app as a user starts it, for browser tests and screenshots: a process and its address.

Knows nothing of what the app does; only how to start it, when it answers, and how to end it.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from urllib.error import URLError

from tests.embedded import embedded

ROOT = Path(__file__).parent.parent
START_LIMIT_S = 60
STOP_LIMIT_S = 20


class AppServer:
    """`streamlit run app.py` on a free port of 127.0.0.1, while the `with` block lasts.

    On the embedded database, or on the server that `server` names as APERTUREDB_JSON has it.
    """

    def __init__(self, data: Path, model: Path, log: Path, *, server: str | None = None) -> None:
        self.data, self.model, self.log, self._server = data, model, log, server
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> AppServer:
        command = [sys.executable, "-m", "streamlit", "run", "app.py"]
        command += ["--server.port", str(self.port)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment(), stdin=subprocess.DEVNULL,
                stdout=log, stderr=log,
            )  # fmt: skip
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def environment(self) -> dict[str, str]:
        """The variables that it is started with."""
        ours = {"REELSEEK_DATA": str(self.data), "REELSEEK_MODEL": str(self.model)}
        if self._server is not None:
            ours |= {"APERTUREDB_JSON": self._server, "REELSEEK_DATABASE": ""}
        return {**embedded(os.environ), **ours}

    def stop(self) -> None:
        """End it as Ctrl+C does, and see that it obeys."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise AssertionError(f"the app ignored Ctrl+C; its log:\n{self.read_log()}") from None

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._process.pid

    def read_log(self) -> str:
        """What it printed so far."""
        return self.log.read_text(errors="replace")

    def _wait_until_it_answers(self) -> None:
        until = time.monotonic() + START_LIMIT_S
        while self._process.poll() is None and time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5):
                    return
            except (URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)  # the condition is the answer; this only spaces the questions
        raise AssertionError(f"the app did not start; its log:\n{self.read_log()}")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
