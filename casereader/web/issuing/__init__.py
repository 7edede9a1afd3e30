"""Publishing: issues of an inspection and of a programme, prepared, looked over, issued, and taken away as files."""

from __future__ import annotations

import casereader.web.issuing.inspection
import casereader.web.issuing.programme  # noqa: F401 - each adds its views to the blueprint
from casereader.web.issuing.blueprint import blueprint

__all__ = ["blueprint"]
