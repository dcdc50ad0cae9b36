"""Tables of events as Arrow tables: arrays are handed over as they are, nothing becomes a Python object."""

import dataclasses
import types
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from experiment.bulk import EventTable
from experiment.columns import Coded, Column, is_column, listed
from experiment.events import Event
from experiment.texts import is_ragged

_DIFFERENCES = "DELTA_BINARY_PACKED"
_CODES = pa.dictionary(pa.int32(), pa.string())
_TYPES: Mapping[type, Any] = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}


def writing_options(table: Any) -> dict[str, Any]:  # noqa: ANN401  pyarrow is untyped
    """How to write it as Parquet: what repeats as codes, numbers as differences, the rest as it is."""
    numbers = {field.name: _DIFFERENCES for field in table.schema if field.type == pa.int64()}
    lists = {f"{field.name}.list.element": "PLAIN" for field in table.schema if pa.types.is_list(field.type)}
    texts = {field.name: "PLAIN" for field in table.schema if field.type == pa.string()}
    return {
        "use_dictionary": [field.name for field in table.schema if pa.types.is_dictionary(field.type)],
        "column_encoding": {**numbers, **lists, **texts},
        "compression": "zstd",
        "compression_level": 1,
        "write_statistics": False,
        "store_schema": False,
    }


def arrow_table(kind: type[Event], tables: Sequence[EventTable], recorded_at: int) -> Any:  # noqa: ANN401  pyarrow is untyped
    """All events of these tables, which are of this kind, as one Arrow table; a column for each field."""
    parts = [_arrow(table, recorded_at) for table in tables] or [_arrow(EventTable(kind, {}), recorded_at)]
    # Columns stay in pieces, as copying them would cost; only codes must mean the same in all.
    return pa.concat_tables(parts).unify_dictionaries() if len(parts) > 1 else parts[0]


def _arrow(table: EventTable, recorded_at: int) -> Any:  # noqa: ANN401
    n_rows = len(table) if table.columns else 0
    kind: type = table.kind
    forms = _types(kind)
    columns = {"recorded_at": pa.repeat(pa.scalar(recorded_at, type=pa.int64()), n_rows)}
    for field in dataclasses.fields(table.kind):
        value = table.columns.get(field.name, None if field.default is dataclasses.MISSING else field.default)
        form = forms[field.name]
        made = _array(value, form) if is_column(value) else _shared(value, form, n_rows)
        columns[field.name] = made
    return pa.table(columns)


@cache
def _types(kind: type) -> Mapping[str, Any]:
    """The Arrow type of each field, from its annotation."""
    return {name: _type(hint) for name, hint in get_type_hints(kind).items()}


def _type(hint: Any) -> Any:  # noqa: ANN401
    if get_origin(hint) in {Union, types.UnionType}:
        (hint,) = (option for option in get_args(hint) if option is not type(None))
    if get_origin(hint) is tuple:
        return pa.list_(pa.int32())
    return _TYPES[str if get_origin(hint) is Literal else hint]


def _array(column: Column, form: Any) -> Any:  # noqa: ANN401
    if isinstance(column, Coded):
        return _coded(column, form)
    if not isinstance(column, np.ndarray):
        return pa.array(listed(column), type=form)
    if column.dtype.kind == "S":
        return _texts(column)
    if column.ndim > 1:
        return _lists(column)
    return pa.array(np.ma.getdata(column), type=form, mask=_mask(column))


def _shared(value: object, form: Any, n_rows: int) -> Any:  # noqa: ANN401
    """One value for all rows."""
    if value is None:
        return pa.nulls(n_rows, _CODES if form == pa.string() else form)
    if isinstance(value, str):
        return _codes(np.zeros(n_rows, dtype=np.int32), None, [value])
    return pa.repeat(pa.scalar(value, type=form), n_rows)


def _coded(column: Coded, form: Any) -> Any:  # noqa: ANN401
    values = column.values if isinstance(column.values, np.ndarray) else list(column.values)
    if isinstance(values, np.ndarray) or form != pa.string():
        return pa.array(values, type=form).take(pa.array(column.index))
    is_missing = np.array([value is None for value in values])
    mask = is_missing[column.index] if is_missing.any() else None
    return _codes(column.index.astype(np.int32), mask, ["" if value is None else value for value in values])


def _codes(index: npt.NDArray[np.int32], mask: npt.NDArray[np.bool_] | None, values: list[str]) -> Any:  # noqa: ANN401
    # Not checked again: an index comes from NumPy, which would not have found what lies outside.
    return pa.DictionaryArray.from_arrays(pa.array(index, mask=mask), pa.array(values), safe=False)


def _texts(texts: npt.NDArray[np.bytes_]) -> Any:  # noqa: ANN401
    if is_ragged(texts):
        return pa.array(texts.astype(np.str_).tolist(), type=pa.string())
    offsets = np.arange(len(texts) + 1, dtype=np.int32) * texts.itemsize
    return pa.StringArray.from_buffers(
        len(texts), pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(texts))
    )


def _lists(rows: npt.NDArray[np.integer]) -> Any:  # noqa: ANN401
    mask = _mask(rows)
    values = pa.array(
        np.ma.getdata(rows).astype(np.int32).ravel(), mask=None if mask is None else mask.ravel()
    )
    offsets = np.arange(len(rows) + 1, dtype=np.int32) * rows.shape[1]
    return pa.ListArray.from_arrays(pa.array(offsets), values)


def _mask(column: npt.NDArray[Any]) -> npt.NDArray[np.bool_] | None:
    return np.ma.getmaskarray(column) if isinstance(column, np.ma.MaskedArray) else None
