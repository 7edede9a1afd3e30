"""Files made by the child's own code without the process around it, for what is in them: a start takes seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import pytest

from casereader.web.evaluation.making import child, work
from casereader.web.issuing import at_work
from casereader.web.issuing import child as issuing


class Here:
    """What `sampling.apart.Child` is to the thread that asks; `evaluation/test_making.py` has the process itself."""

    process_id = 1

    def __init__(self, module: str, *, too_much: str, seconds: int) -> None:
        self._answer = {one.__name__: one.answer for one in (child, issuing)}[module]
        assert too_much
        assert seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing was begun."""

    def end(self) -> None:
        """Nothing to stop."""

    def ask(self, request: dict[str, Any], *, progress: Callable[[int], None] | None = None) -> dict[str, Any]:
        """What the child would say."""
        if progress is not None:
            progress(child.LOADED)
        return self._answer(request)


@pytest.fixture
def made_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have files made in this process."""
    monkeypatch.setattr(work, "Child", Here)
    monkeypatch.setattr(child, "tell", lambda _per_cent: None)


@pytest.fixture
def issued_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have issues worked out in this process."""
    monkeypatch.setattr(at_work, "Child", Here)
    monkeypatch.setattr(issuing, "tell", lambda _per_cent: None)
