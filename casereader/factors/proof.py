"""What somebody signed in shows again before what cannot be undone, and before their own sign-in methods change.

Before work it is one thing that a thief of the password has not: a passkey, a code of the app, or a line of the sheet
in their place. Whoever has a sheet alone gives the password, or a morning would use the sheet up. Before a change of
how they sign in it is all that signing in asks for: the password, and one of what stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from casereader.factors import methods
from casereader.models import Account


@dataclass(frozen=True)
class Needed:
    """What is asked for: the password, one of the methods, or both."""

    password: bool
    app: bool
    passkey: bool
    line: bool
    is_full: bool  # as much as signing in asks for

    @property
    def second(self) -> bool:
        """Whether something beside the password is asked for."""
        return self.app or self.passkey or self.line


def needed(session: Session, *, account: Account, fully: bool) -> Needed:
    """What the account has to show; where no method is left that answers, the password is all there is."""
    has = methods.of(session, account=account)
    handy = bool(has.apps or has.passkeys)
    second = has.usable > 0 and (fully or handy)
    return Needed(
        password=fully or not second,
        app=second and bool(has.apps),
        passkey=second and bool(has.passkeys),
        line=second and has.lines_left > 0,
        is_full=fully or not has.usable,
    )
