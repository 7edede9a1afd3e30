"""A partnership's return, read in a process of its own: first its tabs, headings and values, then the list they make.

`python -m sampling.returned` answers `look` and `make`; it reads the file once for both. What its columns and values
stand for is told to it; what a list must be like is checked as `read_frame` checks it, fault for fault.
"""

from __future__ import annotations

MODULE = "sampling.returned"
TOO_MUCH = "The file needs more memory or time than a return should. Send the lists alone, without other sheets."
"""What to say of a file whose reading was stopped."""
