"""Rows of Parquet, of a file or straight from an object store, through Polars' own readers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import polars as pl

from ingest.object_faults import store_fault
from ingest.objects import InputPath, StoredObject

Columns = Callable[[pl.Schema], Sequence[pl.Expr]]


class DamagedParquetError(Exception):
    """The bytes are not a whole Parquet file."""


def parquet_schema(path: InputPath) -> pl.Schema:
    """Names and types of the columns. Raises as `parquet_rows` does."""
    with _faults(path):
        return _scan(path).collect_schema()


def parquet_metadata(path: InputPath) -> Mapping[str, str]:
    """Key-value metadata. Raises as `parquet_rows` does."""
    source, options = _place(path)
    with _faults(path):
        return pl.read_parquet_metadata(source, **options)


def parquet_rows(path: InputPath, columns: Columns, batch_rows: int) -> Iterator[pl.DataFrame]:
    """Rows in order, each row group fetched once.

    Args:
        path: A Parquet file or object.
        columns: What to select, by the schema.
        batch_rows: Rows of a batch; the last one may have fewer.

    Raises:
        DamagedParquetError: Not a whole Parquet file.
        MeterhouseError: The store does not answer, or the object is another one now.
    """
    with _faults(path):
        rows = _scan(path)
        count: int = rows.select(pl.len()).collect().item()
        selected = rows.select(columns(rows.collect_schema()))
        read = 0
        for batch in selected.collect_batches(chunk_size=batch_rows, maintain_order=True):
            read += batch.height
            yield batch
        if read != count:  # a fault in one of Polars' threads ends the batches in silence
            raise DamagedParquetError
    if isinstance(path, StoredObject):
        path.check_unchanged()


def _scan(path: InputPath) -> pl.LazyFrame:
    source, options = _place(path)
    return pl.scan_parquet(source, glob=False, hive_partitioning=False, **options)


def _place(path: InputPath) -> tuple[Any, dict[str, Any]]:
    """What Polars calls a path, and how it is reached."""
    if not isinstance(path, StoredObject):
        return path, {}
    # Without a provider Polars looks for credentials as obstore does: in the environment.
    return path.url, {"storage_options": path.store.polars_options, "credential_provider": None}


@contextmanager
def _faults(path: InputPath) -> Iterator[None]:
    try:
        yield
    except (pl.exceptions.ComputeError, pl.exceptions.PanicException, OSError) as error:
        if isinstance(path, StoredObject) and _is_of_store(error):
            raise store_fault(path.url, error) from None
        raise DamagedParquetError from None


def _is_of_store(error: BaseException) -> bool:
    return isinstance(error, OSError) or "object-store error" in str(error)
