"""Tables for `st.dataframe` without pandas, which takes 0.2 seconds to import.

`pyarrow.table` and `pyarrow.array` import it to see whether a column is one of its series.
"""

from array import array
from collections.abc import Mapping, Sequence
from typing import Any


def arrow_table(columns: Mapping[str, Sequence[str] | Sequence[int]]) -> Any:
    """Return a `pyarrow.Table` of columns of text and of whole numbers."""
    import pyarrow  # type: ignore[import-untyped]  # late: only tables need it

    def column(values: Sequence[Any]) -> Any:
        if values and isinstance(values[0], int):
            buffer = pyarrow.py_buffer(array("q", values))
            return pyarrow.Array.from_buffers(pyarrow.int64(), len(values), [None, buffer])
        builder = pyarrow.lib.StringBuilder()
        builder.append_values(values)
        return builder.finish()

    return pyarrow.Table.from_arrays([column(values) for values in columns.values()], names=[*columns])
