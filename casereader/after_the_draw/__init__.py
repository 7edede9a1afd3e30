"""A drawn sample changed in the open: cases replaced, added or stopped, records that turn up, a draw voided."""
