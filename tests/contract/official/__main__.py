"""`python -m tests.contract.official aperturedb-0.5.3.tar.gz`: the client's tests on our server.

The archive is the client's source distribution (`pip download --no-deps --no-binary :all:
aperturedb==0.5.3`), which holds its test files but neither their fixtures nor their inputs: those
are `fixtures` and `inputs` here. What follows the archive goes to pytest. Takes some five minutes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from core.engine.engine import Engine
from core.media import edits
from core.media.probe import probe
from core.wire.server import Server
from tests.contract.official import inputs

HERE = Path(__file__).parent
PASSWORD = "admin"  # noqa: S105 - the community server's, for as long as this runs
# Not this server's: Kaggle, TensorFlow, OpenAI's weights, and users and roles.
LEFT_OUT = ("kaggle", "tf_connector", "Transformers", "SPARQL", "SessionSecurity")
MARKS = "not external_network and not remote_credentials"
# Dask's frames of today refuse the client's own; workers that share one connection need TLS to
# notice; and of bounding boxes there are none.
TESTS = "not with_dask and not datasetWithMultiprocessing"


def main() -> int:
    """Unpack the tests, start a server, and give pytest's exit status."""
    archive, *more = sys.argv[1:]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _unpack(Path(archive), folder)
        inputs.make(folder / "input")
        engine = Engine(folder / "database", probe_video=probe, studio=edits)
        with Server(engine, port=0, password=PASSWORD) as server:
            (folder / "dbinfo.py").write_text(_dbinfo(server.address[1]))
            ignored = [f"--ignore=test_{one}.py" for one in LEFT_OUT]
            done = subprocess.run(
                [sys.executable, "-m", "pytest", "-q", "--timeout=120", *ignored, "-m", MARKS,
                 "-k", TESTS, *more],
                cwd=folder, check=False, env={**os.environ, "ADB_LOG_FILE": ""},
            )  # fmt: skip
        engine.close()
    return done.returncode


def _unpack(archive: Path, folder: Path) -> None:
    """Take the test files, and put the fixtures beside them."""
    with tarfile.open(archive) as packed:
        for member in packed.getmembers():
            path = Path(member.name)
            if member.isfile() and path.parts[1:-1] == ("test",) and path.suffix == ".py":
                source = packed.extractfile(member)
                if source:
                    (folder / path.name).write_bytes(source.read())
    shutil.copy(HERE / "fixtures.py", folder / "conftest.py")


def _dbinfo(port: int) -> str:
    said = {
        "DB_TCP_HOST": "127.0.0.1", "DB_TCP_PORT": port, "DB_USER": "admin",
        "DB_PASSWORD": PASSWORD, "CA_CERT": None, "VERIFY_HOSTNAME": False,
    }  # fmt: skip
    return "".join(f"{name} = {value!r}\n" for name, value in said.items())


if __name__ == "__main__":
    sys.exit(main())
