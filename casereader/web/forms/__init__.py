"""The fixed forms, one module per task; the reading form is built from its instrument instead."""
