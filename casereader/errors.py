"""Facts that stop a deed. The web turns them into pages, the command line into exit codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

Found = TypeVar("Found")


class CasereaderError(Exception):
    """Base of what our verbs raise; its text is for the person who asked."""


class RefusedError(CasereaderError):
    """What was asked breaks a rule; `reasons` holds every one."""

    def __init__(self, *reasons: str) -> None:
        self.reasons: Sequence[str] = reasons
        super().__init__("\n".join(reasons))


class FormError(RefusedError):
    """A form that cannot be taken; `faults` holds what is wrong by field."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = dict(faults)
        super().__init__(*faults.values())


class QuestionsError(RefusedError):
    """Answers that cannot be taken so; `faults` holds the reasons by question key."""

    def __init__(self, faults: Mapping[str, list[str]]) -> None:
        self.faults = dict(faults)
        super().__init__(*(f"{key}: {says}" for key, reasons in faults.items() for says in reasons))


class ConflictError(CasereaderError):
    """What was asked was right once, but things have moved on since; `reasons` says how."""

    def __init__(self, *reasons: str) -> None:
        self.reasons: Sequence[str] = reasons
        super().__init__("\n".join(reasons))


class AbsentError(CasereaderError):
    """There is no such thing, or not for this person: the two are never told apart."""


class SpentLinkError(AbsentError):
    """A one-time link that opens nothing; its text says what to do."""


class ErasedError(CasereaderError):
    """The content that was asked for was erased, as its text says."""


def present(found: Found | None) -> Found:
    """What was looked for; AbsentError where there is nothing, or nothing for this person."""
    if found is None:
        raise AbsentError
    return found
