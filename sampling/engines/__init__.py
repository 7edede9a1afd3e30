"""Draws from lists too long to hold in memory: the same sample from every engine, and from `sampling.draw`.

`port` says what an engine does; DuckDB does it on a file, hashlib over batches does where DuckDB is not installed, and
PostgreSQL and Spark do on a table. `large` decides whether a list may be drawn from in this way at all.
"""

from __future__ import annotations

from sampling.engines.large import MANY, LargeList, check_table, open_large

__all__ = ["MANY", "LargeList", "check_table", "open_large"]
