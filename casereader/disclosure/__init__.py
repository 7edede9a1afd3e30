"""What can be published without telling of a child: rounding, suppression, and the attack that proves it. Pure.

`plan_issue` takes findings and a policy and gives an `IssueContent`: figures in safe forms, what is withheld and why,
and a proof that `verify_proof` runs again. No database, no web, no clock.
"""

from __future__ import annotations

from casereader.disclosure.attack import Attack
from casereader.disclosure.errors import DisclosureError
from casereader.disclosure.figures import Figure, Reason, Why
from casereader.disclosure.findings import Finding, Level, Ties
from casereader.disclosure.forms import Form, Shown
from casereader.disclosure.issues import IssueContent, plan_issue
from casereader.disclosure.knowledge import Knowledge, Row
from casereader.disclosure.policy import PARTNERSHIP, PROGRAMME, Policy, Shows
from casereader.disclosure.proof import verify_proof
from casereader.disclosure.tables import findings_of
from casereader.disclosure.withheld import Withheld, withheld

__all__ = [
    "PARTNERSHIP",
    "PROGRAMME",
    "Attack",
    "DisclosureError",
    "Figure",
    "Finding",
    "Form",
    "IssueContent",
    "Knowledge",
    "Level",
    "Policy",
    "Reason",
    "Row",
    "Shown",
    "Shows",
    "Ties",
    "Why",
    "Withheld",
    "findings_of",
    "plan_issue",
    "verify_proof",
    "withheld",
]
