"""hashlib over Arrow batches of a CSV or Parquet file: what is used where no engine is installed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
import pyarrow.csv as arrow_csv  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from sampling.engines.lines import line_bytes
from sampling.engines.port import CHANGED, NO_BOUND, Candidate, Values
from sampling.engines.references import SOUND, all_differ, notable
from sampling.errors import FrameError
from sampling.frame.characters import LONGEST_CELL
from sampling.tickets import ticket_bytes

_BATCH = 100_000
_TAB = "\t"  # never in a value that makes a stratum


class InBatches:
    """A list in a file; `headers` are those of a CSV file parted by commas and without quotes, None for Parquet."""

    def __init__(self, path: Path, headers: Sequence[str] | None, *, id: str, groups: Sequence[str]) -> None:
        self._path, self._headers = path, headers
        self._id, self._groups = id, list(groups)

    def close(self) -> None:
        """Nothing is held open."""

    def distinct(self, columns: Sequence[str], most: int) -> Any | None:
        """The different values and their counts, as `Engine` says."""
        names = [f"v{place}" for place in range(len(columns))]
        found: Any = None
        for arrays in self._batches(columns):
            some = pa.table(arrays, names=names).group_by(names).aggregate([([], "count_all")])
            both = some if found is None else pa.concat_tables([found, some])
            found = both.group_by(names).aggregate([("count_all", "sum")]).rename_columns([*names, "count_all"])
            if found.num_rows > most:
                return None
        return found

    def is_plain(self, column: str) -> bool:
        """Whether the column is printable ASCII, as `Engine` says."""
        for (text,) in self._batches([column]):
            plain = pc.all(pc.match_substring_regex(text, r"^[ -~]*$")).as_py()
            if plain is False or (pc.max(pc.binary_length(text)).as_py() or 0) > LONGEST_CELL:
                return False
        return True

    def has_sound_references(self) -> bool:
        """Whether they are beyond doubt, as `Engine` says."""
        hashes = []
        for (refs,) in self._batches([self._id]):
            if refs.null_count or not pc.all(pc.match_substring_regex(refs, SOUND)).as_py():
                return False
            if pc.any(pc.match_substring_regex(refs, notable(self._id))).as_py():
                return False
            keys = pc.ascii_lower(refs).to_numpy(zero_copy_only=False)
            hashes.append(pd.util.hash_array(keys, categorize=False))
        return all_differ(np.concatenate(hashes))

    def below(self, seed: str, bounds: Mapping[Values, str]) -> list[Candidate]:
        """The cases below their bound, as `Engine` says."""
        limit = {_TAB.join(values): given for values, given in bounds.items()}
        found = []
        for *groups, refs in self._batches([*self._groups, self._id]):
            keys = self._keys(groups)
            known = keys.dictionary.to_pylist()
            # The head of a ticket is never the largest of all 64-bit numbers, but once in 2^64 hashes; then it counts.
            least = np.array([_head(limit.get(key, "0" * 16)) for key in known], np.uint64)[np.asarray(keys.indices)]
            every = np.array([limit.get(key) == NO_BOUND for key in known])[np.asarray(keys.indices)]
            digests = ticket_bytes(seed, refs.to_pylist())
            heads = np.frombuffer(digests, dtype=">u8")[::4]
            for row in np.flatnonzero((heads < least) | every).tolist():
                values = tuple(known[keys.indices[row].as_py()].split(_TAB))
                found.append(Candidate(values, digests[32 * row : 32 * row + 32].hex(), refs[row].as_py()))
        return found

    def lines(self, labels: Mapping[Values, str]) -> Iterator[bytes]:
        """The lines of these cases in order, as `Engine` says."""
        head = {_TAB.join(values): f"{label}\t" for values, label in labels.items()}
        found: list[bytes] = []
        for *groups, refs in self._batches([*self._groups, self._id]):
            keys = self._keys(groups)
            heads = pa.array([head.get(key) for key in keys.dictionary.to_pylist()], pa.string()).take(keys.indices)
            wanted = pc.is_valid(heads)
            if pc.any(wanted).as_py():
                found += line_bytes(heads.filter(wanted), refs.filter(wanted)).splitlines(keepends=True)
        yield b"".join(sorted(found))

    def _keys(self, groups: list[Any]) -> Any:
        joined = groups[0] if len(groups) == 1 else pc.binary_join_element_wise(*groups, _TAB)
        return pc.fill_null(joined, "").dictionary_encode()

    def _batches(self, columns: Sequence[str]) -> Iterator[list[Any]]:
        """Arrays of these columns, references and strata as text, some rows at a time."""
        as_text = {self._id, *self._groups}
        try:
            for batch in self._from_parquet(columns) if self._headers is None else self._from_csv(columns):
                arrays = [batch.column(name) for name in columns]
                arrays = [each.dictionary_decode() if pa.types.is_dictionary(each.type) else each for each in arrays]
                yield [
                    pc.cast(each, pa.string()) if name in as_text else each
                    for name, each in zip(columns, arrays, strict=True)
                ]
        except (pa.ArrowException, OSError, UnicodeError):
            raise FrameError(CHANGED) from None

    def _from_parquet(self, columns: Sequence[str]) -> Iterator[Any]:
        with pq.ParquetFile(self._path) as file:
            yield from file.iter_batches(batch_size=_BATCH, columns=list(columns))

    def _from_csv(self, columns: Sequence[str]) -> Iterator[Any]:
        assert self._headers is not None
        with arrow_csv.open_csv(
            self._path,
            read_options=arrow_csv.ReadOptions(column_names=list(self._headers), skip_rows=1, block_size=1 << 22),
            parse_options=arrow_csv.ParseOptions(quote_char=False, escape_char=False),
            convert_options=arrow_csv.ConvertOptions(
                include_columns=list(columns),
                column_types=dict.fromkeys(self._headers, pa.string()),
                strings_can_be_null=False,
            ),
        ) as reader:
            yield from reader


def _head(bound: str) -> int:
    return 0 if bound == NO_BOUND else int(bound, 16)
