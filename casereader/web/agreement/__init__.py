"""How far readers agree: over a programme, question by question, and in one inspection.

Coordinator, moderator and lead see it, of inspections whose reading is over; the threshold is set by coordinator and
lead. No page for readers holds anything of it.
"""

import casereader.web.agreement.inspection
import casereader.web.agreement.programme
import casereader.web.agreement.question
import casereader.web.agreement.threshold  # noqa: F401 - each adds its views to the blueprint
from casereader.web.agreement.blueprint import blueprint

__all__ = ["blueprint"]
