"""The figures of an inspection and of a programme, and what people conclude from them.

Coordinator, moderator and lead see them; coordinator and lead take them away as files; the lead writes evaluations.
"""

import casereader.web.evaluation.accuracy
import casereader.web.evaluation.across
import casereader.web.evaluation.difference
import casereader.web.evaluation.downloads
import casereader.web.evaluation.evaluations
import casereader.web.evaluation.making.pages
import casereader.web.evaluation.overview
import casereader.web.evaluation.own_instrument
import casereader.web.evaluation.pages
import casereader.web.evaluation.peers
import casereader.web.evaluation.readings
import casereader.web.evaluation.records
import casereader.web.evaluation.report
import casereader.web.evaluation.rounds
import casereader.web.evaluation.taking_away
import casereader.web.evaluation.themes
import casereader.web.evaluation.topics
import casereader.web.evaluation.variation  # noqa: F401 - each adds its views to the blueprint
from casereader.web.evaluation.blueprint import blueprint

__all__ = ["blueprint"]
