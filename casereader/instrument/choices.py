"""The answers of a scale as a part offers them."""

from __future__ import annotations

from casereader.instrument.model import Choice, Listed, Scale
from casereader.instrument.schema import ChoiceTable, ListedTable, QuestionTable, ScaleTable


def listed(table: ListedTable) -> Listed:
    """A code with its words."""
    return Listed(table.value, table.label)


def scale_of(table: ScaleTable) -> Scale:
    """The scale as its file has it, for questions that are not reversed."""
    return Scale(
        id=table.id,
        kind=table.kind,
        choices=tuple(choice_of(choice, table, False) for choice in table.choices),
        judgement=table.judgement,
        minimum=table.minimum,
        maximum=table.maximum,
        longest=table.longest,
    )


def choice_of(table: ChoiceTable, scale: ScaleTable, is_reversed: bool) -> Choice:
    """One answer, with what it counts as and needs in a question that is reversed or not."""
    need = table.need_reversed if is_reversed else table.need
    return Choice(
        value=table.value,
        label=table.label,
        says=table.says,
        y=table.y_reversed if is_reversed else table.y,
        need=scale.need if need is None else need,
        partly=table.partly,
    )


def given_by(question: QuestionTable, scale: ScaleTable) -> tuple[Choice, ...]:
    """The answers of a scale that some rule of a computed rating gives."""
    given = {rule.gives for rule in question.rules}
    return tuple(choice_of(choice, scale, False) for choice in scale.choices if choice.value in given)
