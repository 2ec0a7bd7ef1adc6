"""The files of a harvest's layer: Parquet and JSON in a folder that appears complete or not at all."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sys
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    import pyarrow as pa

FEW = 1_000  # rows: of smaller files snappy takes half the time of zstd, and is no longer
AT_ONCE = 4  # files that are synced side by side
EACH_ITS_OWN = frozenset(("fact_id", "check_id", "bbox", "value", "expected", "found", "difference", "text", "others"))


class Layer:
    """A folder that appears complete or not at all."""

    def __init__(self, root: Path, final: Path) -> None:
        self.final = final
        self.folder = temporary_folder(root) / f"{os.getpid()}-{uuid.uuid4().hex}"
        self._written: list[BinaryIO] = []

    def __enter__(self) -> Layer:
        self.folder.mkdir(parents=True)
        return self

    def parquet(self, name: str, shape: pa.Schema, columns: Mapping[str, Sequence[Any]]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if len(columns[shape.names[0]]):
            table = pa.Table.from_arrays([_array(columns[field.name], field.type) for field in shape], schema=shape)
        else:
            table = pa.Table.from_batches([], schema=shape)  # `empty_table` would make an array for each column
        # Statistics and Arrow's own schema, which nothing reads here, would be a third of a small file and of its time.
        pq.write_table(
            table, self._open(f"{name}.parquet"), compression="snappy" if table.num_rows < FEW else "zstd",
            use_dictionary=_repeated(shape), write_statistics=False, store_schema=False,
        )  # fmt: skip

    def json(self, name: str, value: object) -> None:
        self.file(f"{name}.json", dumps(value).encode("utf-8", "backslashreplace"))

    def packed(self, name: str, value: object) -> None:
        """Like `json`, for what is larger and rarely read."""
        self.file(f"{name}.json.gz", gzip.compress(json.dumps(value).encode("ascii"), 3, mtime=0))

    def file(self, name: str, content: bytes) -> None:
        """A file that was made elsewhere."""
        self._open(name).write(content)

    def _open(self, name: str) -> BinaryIO:
        self._written.append((self.folder / name).open("wb"))
        return self._written[-1]

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                sync_together(self._written)
                sync_folder(self.folder)
                self.final.parent.mkdir(parents=True, exist_ok=True)
                self._rename()
                sync_folder(self.final.parent)
        finally:
            for file in self._written:
                with suppress(OSError):  # it has been told, or what was not written is to be forgotten
                    file.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _rename(self) -> None:
        try:
            self.folder.rename(self.final)
        except OSError:
            if not self.final.exists():  # else another writer made the same layer first
                raise


def temporary_folder(root: Path) -> Path:
    """Where unfinished layers stand: on the same file system as `root`, so that a rename is atomic."""
    return root / ".unfinished"


def sync(descriptor: int) -> None:
    os.fsync(descriptor)


def sync_together(files: Sequence[BinaryIO]) -> None:
    """Side by side: a disk commits them in one go, and one after another each would wait for a commit of its own."""
    from concurrent.futures import ThreadPoolExecutor

    for file in files:
        file.flush()
    descriptors = [file.fileno() for file in files]
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(sync, descriptors))
    except RuntimeError:  # a child near its limit has no room for another thread
        for descriptor in descriptors:
            sync(descriptor)


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    import pyarrow as pa

    try:
        return pa.array(values, type=kind)
    except UnicodeEncodeError:  # half a surrogate pair, which broken fonts give: no UTF-8 can hold it
        return pa.array([_encodable(value) for value in values], type=kind)
    except pa.ArrowInvalid:
        if not pa.types.is_decimal(kind):
            raise
        step = Decimal(1).scaleb(-kind.scale)  # more places than the type holds
        return pa.array(
            [None if value is None else value.quantize(step, rounding=ROUND_HALF_EVEN) for value in values], type=kind
        )


def _repeated(shape: pa.Schema) -> list[str]:
    """The columns (of lists, their elements) that repeat their values, so that a dictionary makes them short."""
    import pyarrow as pa

    held = [field for field in shape if field.name not in EACH_ITS_OWN]
    return [f"{field.name}.list.element" if pa.types.is_list(field.type) else field.name for field in held]


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {name: _encodable(part) for name, part in value.items()}
    return [_encodable(part) for part in value] if isinstance(value, (list, tuple)) else value


def dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


class _NoPandas:
    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        if name == "pandas":
            raise ImportError("not needed here")


def without_pandas() -> None:
    """For a process that makes no frames: Arrow looks for pandas once, at its first array, and would load it.

    That is a quarter of a second and some 60 MiB in each child. Never where frames may be made later: Arrow then crashes at
    the first interval.
    """
    import pyarrow as pa

    sys.meta_path.insert(0, _NoPandas)
    try:
        pa.array([0])
    finally:
        sys.meta_path.remove(_NoPandas)


def read_columns(file: Path) -> dict[str, list[Any]]:
    """The columns of a Parquet file; lists in them (boxes, others) as tuples, None where there is none."""
    table = _read(file).combine_chunks()
    return {name: _values(table.column(name)) for name in table.column_names}


def _values(column: pa.ChunkedArray) -> list[Any]:
    """Python values; long columns of boxes at once, because lists of lists are made one by one."""
    import pyarrow as pa

    found: list[Any]
    if pa.types.is_list(column.type) and column.num_chunks == 1 and column.null_count == 0:
        array = column.chunk(0)
        if not len(array):
            return []
        starts = array.offsets.to_numpy()
        inner = array.values.slice(starts[0], starts[-1] - starts[0])  # `flatten` would load all of pyarrow.compute
        if not len(inner):
            return [()] * len(array)
        boxes = pa.types.is_floating(inner.type) and inner.null_count == 0 and (starts[1:] - starts[:-1] == 4).all()
        if boxes:
            numbers = iter(inner.to_numpy().tolist())
            return list(zip(numbers, numbers, numbers, numbers, strict=True))
    found = column.to_pylist()
    return [tuple(value) if value is not None else None for value in found] if pa.types.is_list(column.type) else found


def read_packed(file: Path) -> Any:
    return json.loads(gzip.decompress(file.read_bytes()))


def read_rows(file: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = _read(file).to_pylist()
    return rows


def _read(file: Path) -> pa.Table:
    """One file as it is: `pq.read_table` would load the machinery for sets of files first."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(file) as parquet:
        return parquet.read()


@cache
def shapes() -> dict[str, pa.Schema]:
    """Column names and types of each Parquet file: part of the layers' format."""
    import pyarrow as pa

    text, whole, number, money = pa.string(), pa.int32(), pa.float64(), pa.decimal128(24, 6)
    box, texts, wholes = pa.list_(number), pa.list_(text), pa.list_(whole)
    types = {"t": text, "i": whole, "n": number, "m": money, "b": box, "T": texts, "I": wholes, "o": pa.bool_()}
    types["O"] = pa.list_(pa.struct([("text", text), ("method", text), ("confidence", number)]))

    def shape(spec: str) -> pa.Schema:
        pairs = [item.split(":") for item in spec.split()]
        return pa.schema([(name, types[kind]) for kind, name in pairs])

    return {
        "cells": shape(
            "t:document_id i:table_no i:row i:column i:page b:bbox t:text i:rowspan i:colspan n:confidence "
            "t:method O:others"
        ),
        "reading_tables": shape(
            "t:document_id i:table_no i:n_rows i:n_columns I:pages I:page_starts t:method T:above I:repeated_rows "
            "I:shaded_rows b:bbox"
        ),
        "lines": shape("t:document_id i:page b:bbox t:text n:size"),
        "facts": shape(
            "t:document_id t:fact_id t:table_id t:table_kind i:page b:bbox i:row_no i:column_no i:part t:level "
            "t:nomenclature t:code t:code_generic t:code_comparable t:code_raw t:code_how t:name t:name_raw "
            "t:indicator t:account t:account_scheme t:agency t:agency_key T:agency_bidang t:column_label t:role "
            "t:quantity i:year t:period m:value i:decimals t:value_text t:unit t:raw t:status n:confidence "
            "o:lookalike t:head_code t:head_code_generic"
        ),
        "checks": shape(
            "t:document_id t:check_id t:table_id t:kind t:subject T:fact_ids T:pins i:page b:bbox t:claim "
            "m:expected m:found m:difference t:verdict t:suggestion t:explanation"
        ),
        "problems": shape("t:document_id i:page t:table_id b:bbox t:kind t:severity t:text t:explanation"),
        "rows": shape(
            "t:document_id t:table_id i:row_no t:level i:item i:parent t:code t:code_generic t:code_raw "
            "t:code_how t:nomenclature t:name t:name_raw t:indicator t:account t:account_scheme t:agency t:unit "
            "i:page i:block t:finding t:official_name"
        ),
        "meant_tables": shape(
            "t:document_id i:table_no t:table_id t:table_kind t:caption t:header "
            "i:first_row i:n_rows I:header_rows I:grid_rows I:row_nos"
        ),
    }
