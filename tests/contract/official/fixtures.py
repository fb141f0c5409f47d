"""The fixtures that the official client's tests ask for; copied beside them as conftest.py.

Connections are without TLS and over TCP, which is all that the server speaks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import dbinfo  # type: ignore[import-not-found]  # written beside it
import pytest
from aperturedb.BlobDataCSV import BlobDataCSV
from aperturedb.ConnectionDataCSV import ConnectionDataCSV
from aperturedb.Connector import Connector
from aperturedb.Constraints import Constraints
from aperturedb.DescriptorDataCSV import DescriptorDataCSV
from aperturedb.DescriptorSetDataCSV import DescriptorSetDataCSV
from aperturedb.Entities import Entities
from aperturedb.EntityDataCSV import EntityDataCSV
from aperturedb.EntityUpdateDataCSV import SingleEntityUpdateDataCSV
from aperturedb.ImageDataCSV import (
    ImageDataCSV,
    ImageForceNewestDataCSV,
    ImageSparseAddDataCSV,
    ImageUpdateDataCSV,
)
from aperturedb.ParallelLoader import ParallelLoader
from aperturedb.ParallelQuerySet import ParallelQuerySet
from aperturedb.Query import Query
from aperturedb.Utils import Utils

_connect = Connector.__init__
LOADERS = {
    "persons": EntityDataCSV, "persons-exist-base": EntityDataCSV,
    "persons-some-exist": EntityDataCSV, "images": ImageDataCSV, "blobs": BlobDataCSV,
    "connections-persons-images": ConnectionDataCSV, "descriptorset": DescriptorSetDataCSV,
    "setA": DescriptorDataCSV, "setB": DescriptorDataCSV,
}  # fmt: skip
UPDATES = {
    "images_updateif": ImageUpdateDataCSV, "images_forceupdate": ImageForceNewestDataCSV,
    "images_sparseload": ImageSparseAddDataCSV,
}  # fmt: skip


def _without_tls(self: Any, *args: Any, **kwargs: Any) -> None:
    _connect(self, *args, **{**kwargs, "use_ssl": False})


Connector.__init__ = _without_tls


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marks of the client's tests."""
    for mark in ("dask", "external_network", "remote_credentials", "slow", "http", "tcp"):
        config.addinivalue_line("markers", mark)


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1].removesuffix(".adb.csv")


@pytest.fixture
def db() -> Iterator[Any]:
    """A connection to an empty database."""
    connector = Connector(
        host=dbinfo.DB_TCP_HOST, port=dbinfo.DB_TCP_PORT, user=dbinfo.DB_USER,
        password=dbinfo.DB_PASSWORD,
    )  # fmt: skip
    assert Utils(connector).remove_all_objects()
    connector.query([{"GetStatus": {}}])
    yield connector
    connector.close()


@pytest.fixture
def utils(db: Any) -> Any:
    return Utils(db)


def _no_blobs(_: Any, __: Any, responses: Any, ___: Any) -> None:
    (first,) = responses[0].values()
    assert "blobs_start" not in first


@pytest.fixture
def insert_data_from_csv(db: Any) -> Callable[..., Any]:
    """Load a table; the loader must find its indexes, and no errors."""

    def insert(
        in_csv_file: str, rec_count: int = -1, expected_error_count: int = 0,
        loader_result_lambda: Callable[..., Any] | None = None,
    ) -> Any:  # fmt: skip
        if _name(in_csv_file) not in LOADERS:
            pytest.skip(f"{in_csv_file} holds what the server has not: bounding boxes, web pages")
        data = LOADERS[_name(in_csv_file)](in_csv_file, blobs_relative_to_csv=True)
        if not expected_error_count:
            data.response_handler, data.strict_response_validation = _no_blobs, True
        if rec_count != -1:
            data = data[:rec_count]
        loader = ParallelLoader(db)
        loader.ingest(data, batchsize=99, numthreads=8, stats=True)
        if hasattr(data, "get_indices"):
            there = loader.get_existing_indices()
            for kind, classes in data.get_indices().items():
                for class_, keys in classes.items():
                    assert all(key in there[kind][class_] for key in keys)
        assert loader.error_counter == 0
        if loader_result_lambda is not None:
            loader_result_lambda(loader, data)
        elif rec_count == -1:
            assert len(data) - loader.get_succeeded_queries() == expected_error_count
        return data, loader

    return insert


@pytest.fixture
def modify_data_from_csv(db: Any) -> Callable[..., Any]:
    """Load a table of updates."""

    def modify(in_csv_file: str) -> Any:
        name = _name(in_csv_file)
        if name.startswith("persons"):
            data = SingleEntityUpdateDataCSV("Person", in_csv_file)
        else:
            data = UPDATES["_".join(name.split("_")[:2])](in_csv_file, blobs_relative_to_csv=True)
        loader = ParallelQuerySet(db)
        loader.query(data, batchsize=99, numthreads=1, stats=True)
        assert loader.error_counter == 0
        return data, loader

    return modify


@pytest.fixture
def images(insert_data_from_csv: Callable[..., Any]) -> Any:
    return insert_data_from_csv("./input/images.adb.csv")[0]


@pytest.fixture
def retired_persons(db: Any, insert_data_from_csv: Callable[..., Any]) -> Any:
    insert_data_from_csv("./input/persons.adb.csv")
    chosen = Constraints().greaterequal("age", 60)
    return Entities.retrieve(db, spec=Query.spec(with_class="Person", constraints=chosen))


@pytest.fixture
def config() -> dict[str, Any]:
    first = {"host": "localhost", "port": 55555, "username": "admin", "password": "admin",
             "name": "first", "use_ssl": True, "use_rest": False}  # fmt: skip
    return {"first": first, "active": "first"}
