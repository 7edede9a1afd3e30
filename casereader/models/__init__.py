"""Tables and their constraints; no rules. The database holds what must never be false.

Lists and mappings have their defaults by value, of which each row gets a copy: a `default_factory` is looked into anew
for each row that is made, which takes longer than the rest of it.
"""

from __future__ import annotations

from sqlmodel import SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# The naming convention must stand before the first table is made.
from casereader.models.accounts import (  # noqa: E402
    Account,
    Allowance,
    Authenticator,
    Membership,
    OneTimeLink,
    OutsideIdentity,
    RecoveryCode,
    SignIn,
)
from casereader.models.actions import Action, ActionStep  # noqa: E402
from casereader.models.assigning import ConflictOfInterest, ReaderDays  # noqa: E402
from casereader.models.audit import AuditEvent, TextVersion  # noqa: E402
from casereader.models.concerns import Concern, ConcernStep  # noqa: E402
from casereader.models.evaluations import Evaluation  # noqa: E402
from casereader.models.inspections import (  # noqa: E402
    EarlierFigure,
    Inspection,
    Partnership,
    Programme,
    PublishedInstrument,
)
from casereader.models.issues import Challenge, Issue, PartnershipAnswer, TopicRecode  # noqa: E402
from casereader.models.jobs import Job  # noqa: E402
from casereader.models.moderating import (  # noqa: E402
    PairModeration,
    Query,
    QueryMessage,
    Settlement,
    Unlock,
)
from casereader.models.notes import RunningNotes  # noqa: E402
from casereader.models.packing import (  # noqa: E402
    AnswerConflict,
    CarriedEvent,
    OfflineWeek,
    PackedFile,
)
from casereader.models.practice import PracticeReading  # noqa: E402
from casereader.models.readings import (  # noqa: E402
    AnswerRevision,
    AnswerRow,
    Reading,
    SavedReply,
)
from casereader.models.returns import ListChange, PartnershipReturn, ReturnMapping  # noqa: E402
from casereader.models.room import RecordRequest  # noqa: E402
from casereader.models.sampling import (  # noqa: E402
    Case,
    DrawExtension,
    DrawRecord,
    Ending,
    Replacement,
    SampleCase,
    SamplingFrame,
    SamplingPlan,
    WaveLook,
)
from casereader.models.time_spent import ActiveMinute  # noqa: E402
from casereader.models.workbooks import ReadingWorkbook, WorkbookReturn  # noqa: E402

metadata = SQLModel.metadata

__all__ = [
    "Account",
    "Action",
    "ActionStep",
    "ActiveMinute",
    "Allowance",
    "AnswerConflict",
    "AnswerRevision",
    "AnswerRow",
    "AuditEvent",
    "Authenticator",
    "CarriedEvent",
    "Case",
    "Challenge",
    "Concern",
    "ConcernStep",
    "ConflictOfInterest",
    "DrawExtension",
    "DrawRecord",
    "EarlierFigure",
    "Ending",
    "Evaluation",
    "Inspection",
    "Issue",
    "Job",
    "ListChange",
    "Membership",
    "OfflineWeek",
    "OneTimeLink",
    "OutsideIdentity",
    "PackedFile",
    "PairModeration",
    "Partnership",
    "PartnershipAnswer",
    "PartnershipReturn",
    "PracticeReading",
    "Programme",
    "PublishedInstrument",
    "Query",
    "QueryMessage",
    "ReaderDays",
    "Reading",
    "ReadingWorkbook",
    "RecordRequest",
    "RecoveryCode",
    "Replacement",
    "ReturnMapping",
    "RunningNotes",
    "SampleCase",
    "SamplingFrame",
    "SamplingPlan",
    "SavedReply",
    "Settlement",
    "SignIn",
    "TextVersion",
    "TopicRecode",
    "Unlock",
    "WaveLook",
    "WorkbookReturn",
    "metadata",
]
