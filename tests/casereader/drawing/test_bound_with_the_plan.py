"""What is fixed beside the plan goes into its digest in one form, whoever wrote it down and where."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from casereader.drawing import plans
from casereader.drawing.choices import Choices, IndependentCount
from casereader.drawing.plans import Secrets


def test_when_the_public_value_falls_due_is_in_the_plan_s_digest_in_utc() -> None:
    due = datetime(2026, 6, 9, 13, 30, tzinfo=timezone(timedelta(hours=1)))
    of = {"instrument": ("CRR-1", "1"), "public_value_source": "Lottery", "secrets": Secrets()}
    count = IndependentCount(group="b", listed=40, count=42, source="Register", reason="Two moved away")
    bound = plans.bound_with(Choices(), public_value_due_at=due, independent_counts=[count], **of)

    assert bound["public_value_due_at"] == "2026-06-09T12:30:00+00:00"
    assert bound["independent_counts"] == ["b: 40 on the list, 42 by Register (Two moved away)"]
