"""Who rated which record in which cell, and what follows from that alone, whatever the ratings are. Pure.

Nothing here has a place for every rating and every reader at once: a rating touches only the readers of its own cell,
and a record only those of its block, the cells that are linked by records, which is a stratum of a partnership. So a
programme of ten times as many inspections takes ten times as long, but for one matrix of its readers.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import chain

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array  # type: ignore[import-untyped]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

AT_ONCE = 1_000_000
NARROW = 16  # readers of a block
NIL, FIRM, LOST = 1e-7, 1e-3, 1e-6


class Layout:
    """The ratings that count, by the codes of reader, cell and record, of which each but the readers has a rating.

    `group` says of each reader with whom they are linked, by cells that several of them read. `inverse` is that of the
    normal equations on readers with the cells taken out, which are known up to a constant for each group.
    """

    def __init__(self, reader: Codes, cell: Codes, record: Codes, *, n_readers: int) -> None:
        self.reader, self.n_readers = reader, n_readers
        self.cell, self.record = _from_0(cell), _from_0(record)
        self.size = np.bincount(self.cell).astype(np.float64)
        pairs, self._pair, self._n_of_pair = np.unique(
            self.cell * n_readers + reader, return_inverse=True, return_counts=True
        )
        self._pair_cell, self._pair_reader = pairs // max(n_readers, 1), pairs % max(n_readers, 1)
        self._share_of_pair = self._n_of_pair / self.size[self._pair_cell]
        self._share = _sparse(
            self._share_of_pair, self._pair_cell, self._pair_reader, shape=(len(self.size), n_readers)
        )
        self.group = linked(self._pair_reader, self._pair_cell, n_readers)
        self.inverse = self._inverse()

    @property
    def n_records(self) -> int:
        """How many records have a rating that counts."""
        return int(self.record.max()) + 1 if len(self.record) else 0

    def centred(self, rated: Floats) -> Floats:
        """Ratings, a column of each kind, less the mean of their cell."""
        means = np.stack([np.bincount(self.cell, one) for one in rated.T], axis=1) / self.size[:, None]
        return np.asarray(rated - means[self.cell])

    def effects(self, centred: Floats) -> Floats:
        """The readers' effects of centred ratings, a column of each kind."""
        sums = [np.bincount(self.reader, one, minlength=self.n_readers) for one in centred.T]
        return np.asarray(self.inverse @ np.stack(sums, axis=1))

    def within(self, effects: Floats) -> Floats:
        """What effects, a column of each kind, make of each rating beside the mean of its cell."""
        return np.asarray(self._of_pairs(effects)[self._pair])

    def spread(self, pulls: Floats) -> tuple[Floats, Floats]:
        """What the squares that records add up to make together, and their squares; `pulls` has a row per reader."""
        total, squares = np.zeros(pulls.shape[1]), np.zeros(pulls.shape[1])
        for by_record, some in chain(self._of_narrow(pulls), self._of_wide(pulls)):
            total[some] += by_record.sum(axis=0)
            squares[some] += np.einsum("gw,gw->w", by_record, by_record)
        return total, squares

    def left_out(self, residual: Floats) -> tuple[list[csr_array], Flags]:
        """What leaving out each record pulls readers by, and which records readers hang on; a row per record.

        `residual` has a column of each kind of rating, and each has a table of its own, without what is nil.
        `inverse` @ a pull is what leaving the record out does to the effects.
        """
        hanging = np.zeros(self.n_records, dtype=bool)
        found: list[tuple[Codes, Codes, Floats]] = []
        for which, rows, readers in self._alike:
            within = self._within_block(rows, readers)
            near = self.inverse[readers[:, :, None], readers[:, None, :]]
            cell = self.cell[rows]
            same_cell = cell[:, :, None] == cell[:, None, :]
            leverage = same_cell / self.size[cell][:, :, None] + within @ near @ within.transpose(0, 2, 1)
            solved, hanging[which] = _solved(np.eye(rows.shape[1]) - leverage, residual[rows], within)
            found.append((which, readers, within.transpose(0, 2, 1) @ solved))
        return [self._pulled(found, kind) for kind in range(residual.shape[1])], hanging

    def _of_narrow(self, pulls: Floats) -> Iterator[tuple[Floats, slice]]:
        """The same of each record of a block of few readers, from the products of their pulls, block by block."""
        for readers, forms in self._forms:
            one, other = np.triu_indices(len(readers))
            for some in in_turns(pulls.shape[1], AT_ONCE // (len(forms) + len(one))):
                here = pulls[readers, some]
                yield forms @ (here[one] * here[other]), some

    def _of_wide(self, pulls: Floats) -> Iterator[tuple[Floats, slice]]:
        """The same of each record of a block of many, from what each reader would rate in each cell."""
        here = np.flatnonzero(np.diff(self._seat[1])[self._block[self.cell]] > NARROW) if self.n_records else self.cell
        if len(here):
            shape = self.n_records, len(self._pair_cell)
            n_of_record = _sparse(np.ones(len(here)), self.record[here], self._pair[here], shape=shape)
            for some in in_turns(pulls.shape[1], AT_ONCE // shape[1]):
                yield np.asarray(n_of_record @ np.square(self._of_pairs(pulls[:, some]))), some

    @cached_property
    def _forms(self) -> list[tuple[Codes, Floats]]:
        """Of each block of few readers these, and how often each record has which product of two of their pulls."""
        found: dict[int, list[Floats]] = {}
        for _, rows, readers in self._alike:
            if readers.shape[1] <= NARROW:
                within = self._within_block(rows, readers)
                one, other = np.triu_indices(readers.shape[1])
                forms = (within.transpose(0, 2, 1) @ within)[:, one, other] * np.where(one == other, 1.0, 2.0)
                block = self._block[self.cell[rows[:, 0]]]
                order = np.argsort(block, kind="stable")
                for part in np.split(order, np.flatnonzero(np.diff(block[order])) + 1):
                    found.setdefault(int(block[part[0]]), []).append(forms[part])
        return [(self._readers_of(block), np.concatenate(forms)) for block, forms in found.items()]

    def _readers_of(self, block: int) -> Codes:
        readers, begins, _ = self._seat
        return readers[begins[block] : begins[block + 1]]

    def _inverse(self) -> Floats:
        weighted = self._share.multiply(self.size[:, None]).tocsr()
        normal = -np.asarray((self._share.T @ weighted).toarray(), dtype=np.float64)
        normal[np.diag_indices(self.n_readers)] += np.bincount(self.reader, minlength=self.n_readers)
        found = np.zeros_like(normal)
        order = np.argsort(self.group, kind="stable")
        for members in np.split(order, np.flatnonzero(np.diff(self.group[order])) + 1):
            if len(members) > 1:
                here = np.ix_(members, members)
                level = float(np.trace(normal[here])) / len(members)  # of the constant, which is nothing by itself
                lifted = np.linalg.inv(normal[here] + level / len(members))
                found[here] = lifted - 1 / (level * len(members))
        return found

    def _of_pairs(self, effects: Floats) -> Floats:
        """What effects make of a rating by each reader in each cell that they rated in, beside the cell's mean."""
        return np.asarray(effects[self._pair_reader] - (self._share @ effects)[self._pair_cell])

    @cached_property
    def _block(self) -> Codes:
        """The cells that are linked by records, as codes from 0."""
        return linked(self.cell, self.record, len(self.size))

    @cached_property
    def _seat(self) -> tuple[Codes, Codes, Codes]:
        """The readers of each block one after another, where each block's begin, and the seat of each pair there."""
        seats, seat = np.unique(self._block[self._pair_cell] * self.n_readers + self._pair_reader, return_inverse=True)
        begins = np.searchsorted(seats // self.n_readers, np.arange(int(self._block.max()) + 2))
        return seats % self.n_readers, begins, seat

    @cached_property
    def _shares_in_block(self) -> tuple[Floats, Codes]:
        """Each cell's shares of the readers of its block, one cell after another, and where each cell's begin."""
        _, begins, seat = self._seat
        width = np.diff(begins)[self._block]
        of_cell = np.cumsum(width) - width
        shares = np.zeros(int(width.sum()))
        shares[of_cell[self._pair_cell] + seat - begins[self._block[self._pair_cell]]] = self._share_of_pair
        return shares, of_cell

    @property
    def _alike(self) -> Iterator[tuple[Codes, Codes, Codes]]:
        """Records with as many ratings, of blocks with as many readers: which, their ratings and their readers."""
        if not self.n_records:
            return
        readers, begins, _ = self._seat
        order = np.argsort(self.record, kind="stable")
        sizes = np.bincount(self.record)
        starts = np.cumsum(sizes) - sizes
        block = self._block[self.cell[order[starts]]]
        width = np.diff(begins)[block]
        for size, wide in np.unique(np.stack([sizes, width]), axis=1).T:
            every = np.flatnonzero((sizes == size) & (width == wide))
            for some in in_turns(len(every), AT_ONCE // int(size * wide + wide**2)):
                which = every[some]
                rows = order[starts[which][:, None] + np.arange(size)]
                yield which, rows, readers[begins[block[which]][:, None] + np.arange(wide)]

    def _within_block(self, rows: Codes, readers: Codes) -> Floats:
        """Of each rating which of the block's readers gave it, less their shares of its cell."""
        shares, of_cell = self._shares_in_block
        own = readers[:, None, :] == self.reader[rows][:, :, None]
        return np.asarray(own - shares[of_cell[self.cell[rows]][:, :, None] + np.arange(readers.shape[1])])

    def _pulled(self, found: list[tuple[Codes, Codes, Floats]], kind: int) -> csr_array:
        if not found:
            return csr_array((self.n_records, self.n_readers), dtype=np.float64)
        return _sparse(
            np.concatenate([pulls[:, :, kind].ravel() for _, _, pulls in found]),
            np.concatenate([np.repeat(which, readers.shape[1]) for which, readers, _ in found]),
            np.concatenate([readers.ravel() for _, readers, _ in found]),
            shape=(self.n_records, self.n_readers),
        )


def linked(item: Codes, by: Codes, n: int) -> Codes:
    """The `n` items that are linked, directly or through others, as codes from 0; `item` and `by` are the links."""
    group = np.arange(n)
    while True:
        lowest = np.full(int(by.max()) + 1 if len(by) else 1, n)
        np.minimum.at(lowest, by, group[item])
        reached = group.copy()
        np.minimum.at(reached, item, lowest[by])
        if (reached == group).all():
            return _from_0(group)
        group = reached


def is_shared(reader: Codes, cell: Codes, keep: Flags) -> Flags:
    """Which of the ratings to keep are of a cell that more than one reader rated."""
    shared = np.zeros(len(reader), dtype=bool)
    here = np.flatnonzero(keep)
    if len(here):
        n_readers = int(reader.max()) + 1
        pairs = np.unique(cell[here] * n_readers + reader[here])
        shared[here] = np.bincount(pairs // n_readers, minlength=int(cell.max()) + 1)[cell[here]] > 1
    return shared


def _solved(left: Floats, residual: Floats, within: Floats) -> tuple[Floats, Flags]:
    """Of each record `left`⁻¹ @ `residual`, and whether readers hang on it: `left` is what others say of its ratings.

    A direction that the rest says nothing of matters only where it is one of readers, not of a cell's own level.
    """
    solved = np.zeros_like(residual)
    hanging = np.zeros(len(left), dtype=bool)
    # Where every diagonal stands out so far no eigenvalue is near nil, and none need be worked out (Gershgorin).
    stands_out = 2 * np.diagonal(left, axis1=1, axis2=2) - np.abs(left).sum(axis=2)
    is_firm = stands_out.min(axis=1) > FIRM
    solved[is_firm] = np.linalg.solve(left[is_firm], residual[is_firm])
    rest = ~is_firm
    values, vectors = np.linalg.eigh(left[rest])
    is_nil = values < NIL
    inverse = np.where(is_nil, 0.0, 1 / np.where(is_nil, 1.0, values))
    turned = vectors.transpose(0, 2, 1)
    solved[rest] = vectors @ (inverse[:, :, None] * (turned @ residual[rest]))
    hanging[rest] = ((np.abs(turned @ within[rest]).max(axis=2) > LOST) & is_nil).any(axis=1)
    return solved, hanging


def _from_0(codes: Codes) -> Codes:
    return np.asarray(np.unique(codes, return_inverse=True)[1], dtype=np.int64)


def _sparse(values: Floats, row: Codes, column: Codes, *, shape: tuple[int, int]) -> csr_array:
    return csr_array((values, (row, column)), shape=shape)


def in_turns(n: int, at_once: int) -> Iterator[slice]:
    """The numbers up to `n`, so many at once."""
    width = max(at_once, 1)
    for start in range(0, n, width):
        yield slice(start, start + width)
