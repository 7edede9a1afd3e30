"""The lines of the frame digest, some hundred thousand at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]


def line_bytes(heads: Any, refs: Any) -> bytes:
    """The lines of these cases as bytes, from Arrow arrays of their label with its TAB and their reference."""
    lines = pc.binary_join_element_wise(heads, pc.cast(refs, pa.string()), pa.scalar("\n"), pa.scalar(""))
    offsets = np.frombuffer(lines.buffers()[1], np.int32, len(lines) + 1, lines.offset * 4)
    return bytes(memoryview(lines.buffers()[2])[offsets[0] : offsets[-1]])
