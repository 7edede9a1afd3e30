"""The proportion words ("most", "almost all") that stand beside a share, and the cut-offs behind them.

A share is printed here too, so that no page, chart or file prints a number that its word is not true of.

The cut-offs are data: another scheme is another `Wording`. Words are chosen on unrounded shares; a share
within 1e-12 of a cut-off counts as standing on it, so that floating arithmetic never decides between words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

SETTLED_DECIMALS = 12
MOST_PLACES = 8  # decimals of a per cent: as near as the words can be told apart in print
JOINED_BY = "; "


@dataclass(frozen=True, slots=True)
class Word:
    """A word and the lowest share it may be used for; `inclusive` says whether that share itself belongs."""

    text: str
    from_share: float
    inclusive: bool = True

    def reaches_down_to(self, share: float) -> bool:
        """Whether `share` is high enough for this word."""
        return share >= self.from_share if self.inclusive else share > self.from_share


@dataclass(frozen=True, slots=True)
class Wording:
    """A scheme of words, lowest first, and the least number of readings for which a word is used at all."""

    words: tuple[Word, ...]
    least_n: int = 10

    def __post_init__(self) -> None:
        if not self.words or self.words[0] != Word(self.words[0].text, 0.0, True):
            raise ValueError("The lowest word must begin at a share of 0 and include it.")
        for lower, upper in pairwise(self.words):
            opens_later = (lower.from_share, not lower.inclusive) < (upper.from_share, not upper.inclusive)
            if not opens_later or upper.from_share > 1 or (upper.from_share == 1 and not upper.inclusive):
                raise ValueError(f"“{upper.text}” must begin above “{lower.text}” and at a share of 1 or less.")
        if len({word.text for word in self.words}) != len(self.words):
            raise ValueError("Two words of a scheme are the same.")


WORDING = Wording(
    (
        Word("none", 0.0),
        Word("few", 0.0, inclusive=False),
        Word("less than half", 0.15),
        Word("the majority", 0.50),
        Word("most", 0.75),
        Word("almost all", 0.90, inclusive=False),
        Word("all", 1.0),
    )
)


def word_for(share: float | None, *, wording: Wording = WORDING) -> str:
    """The word for an unrounded share from 0 to 1; empty where there is no share."""
    position = _position(share, wording)
    return "" if position is None else wording.words[position].text


def words_for(lower: float | None, upper: float | None, *, wording: Wording = WORDING) -> list[str]:
    """Every word a share from `lower` to `upper` could be given, lowest first; empty without both limits."""
    first, last = _position(lower, wording), _position(upper, wording)
    if first is None or last is None:
        return []
    return [word.text for word in wording.words[first : last + 1]]


def also_words(share: float, lower: float, upper: float, *, wording: Wording = WORDING) -> str:
    """The words the interval touches other than the share's own, lowest first, joined by "; "."""
    own = word_for(share, wording=wording)
    return JOINED_BY.join(word for word in words_for(lower, upper, wording=wording) if word != own)


def read_out(words: Sequence[str], last: str = "and") -> str:
    """Words as a list is read out, `last` before the last of them.

    >>> read_out(["a"]), read_out(["a", "b"]), read_out(["a", "b", "c"], "or")
    ('a', 'a and b', 'a, b or c')
    """
    return f" {last} ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def said_with(word: str, also: str) -> str:
    """The word of a share with those that its interval also allows, `also` as `also_words` joins them."""
    others = [one for one in also.split(JOINED_BY) if one]
    return f"{word}, possibly {read_out(others, 'or')}" if others else word


def per_cent(share: float) -> str:
    """A share as a whole per cent, halves up, never 0% or 100% unless it is."""
    if 0 < share < 0.005:
        return "<1%"
    if 0.995 <= share < 1 - 1e-12:
        return ">99%"
    return f"{int(round(share * 100, 9) + 0.5)}%"


def as_set(share: str | float) -> str:
    """A share that somebody set, as they set it: 0.125 is 12.5%."""
    return f"{float(share) * 100:g}%"


def printed(share: float, word: str = "") -> str:
    """The share as a whole per cent; with more decimals where its word would not be true of that.

    `word` is the one it was given; without, the one that it is given now.
    """
    whole = per_cent(share)
    decimals = 0 if whole.startswith(("<", ">")) else places(share, word)
    return f"{share:.{decimals}%}" if decimals else whole


def places(share: float, word: str = "") -> int:
    """How many decimals of a per cent it takes for the word of a share to be true of it; see `printed`."""
    true_word = word or word_for(share)
    if word_for(int(round(share * 100, 9) + 0.5) / 100) == true_word:
        return 0
    tried = range(1, MOST_PLACES)
    return next((at for at in tried if word_for(float(f"{share:.{at}%}"[:-1]) / 100) == true_word), MOST_PLACES)


def _position(share: float | None, wording: Wording) -> int | None:
    if share is None or math.isnan(share):
        return None
    settled = round(min(max(share, 0.0), 1.0), SETTLED_DECIMALS)
    for place in range(len(wording.words) - 1, 0, -1):
        if wording.words[place].reaches_down_to(settled):
            return place
    return 0
