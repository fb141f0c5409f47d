"""`python -m tests.web.serve DATA PORT [FILM]`: the routes under uvicorn, in their own process.

For what only a real server shows: its memory, broken connections, its end. And `Server`, which
starts it and ends it.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

import uvicorn
from starlette.applications import Starlette

from core.web import Closing, lifespan, middleware, routes
from tests.web.stand_in import StandIn

ROOT = Path(__file__).parents[2]
WORKER = (sys.executable, "-c", "import sys; sys.stdin.read()")


def serve(data: Path, port: int, film: Path | None) -> None:
    """Serve until a signal comes."""
    app, closing = StandIn(data), Closing()
    if film:
        app.put("film", film)
    server = Starlette(
        routes=routes(app), middleware=middleware(closing),
        lifespan=lifespan(app, closing, worker=WORKER),
    )  # fmt: skip
    uvicorn.run(server, host="127.0.0.1", port=port, log_level="warning")


class Server:
    """That process, while the `with` block lasts."""

    def __init__(self, data: Path, film: Path | None = None) -> None:
        self.data = data
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.port = int(listener.getsockname()[1])
        self._command = [sys.executable, "-m", "tests.web.serve", str(data), str(self.port)]
        self._command += [str(film)] if film else []

    def __enter__(self) -> Server:
        self.process = subprocess.Popen(
            self._command, cwd=ROOT, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        self.wait_until(self._answers)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.communicate()

    def connect(self) -> socket.socket:
        """A bare connection, for a client that does not behave."""
        connection = socket.create_connection(("127.0.0.1", self.port))
        connection.settimeout(10)
        return connection

    def peak_bytes(self) -> int:
        """How much memory the process had at most, as Linux counts it."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) * 1024

    def parts(self) -> list[Path]:
        """The uploads that are on their way in."""
        return list((self.data / "incoming").glob("*.part"))

    def end(self, limit_s: float) -> str:
        """End it as a terminal would, within the limit, and return what it had logged."""
        self.process.send_signal(signal.SIGINT)
        return self.process.communicate(timeout=limit_s)[1]

    def wait_until(self, condition: object, limit_s: float = 20) -> None:
        """Wait until the condition holds; fail when the server ends before, or time runs out."""
        until = time.monotonic() + limit_s
        while not condition():  # type: ignore[operator]
            assert self.process.poll() is None, self.process.communicate()[1]
            assert time.monotonic() < until, "what was waited for did not come"
            time.sleep(0.02)  # the condition decides; this only spaces the questions

    def _answers(self) -> bool:
        try:
            self.connect().close()
        except ConnectionRefusedError:
            return False
        return True


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else None)
