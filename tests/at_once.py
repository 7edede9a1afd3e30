"""Two people who do something at the same instant, each in a transaction of their own."""

import threading
from collections.abc import Callable

from sqlalchemy import Engine
from sqlmodel import Session

from casereader.db import open_session, transaction
from casereader.errors import ConflictError

LONG_ENOUGH = 0.2  # seconds in which whoever does not wait has long finished

Deed = Callable[[Session], object]


def at_once(engine: Engine, first: Deed, second: Deed, *, then: Deed | None = None) -> ConflictError | None:
    """Do `second` while `first`, and what comes `then`, is not yet committed; why the second was refused.

    Anything else that became of the second is raised here.
    """
    told: list[BaseException] = []

    def other() -> None:
        try:
            with transaction(engine) as session:
                second(session)
        except BaseException as error:
            told.append(error)

    thread = threading.Thread(target=other)
    with open_session(engine, write=True) as session:
        first(session)
        session.flush()
        thread.start()
        thread.join(LONG_ENOUGH)
        if then is not None:
            then(session)
        session.commit()
    thread.join()
    for error in told:
        if isinstance(error, ConflictError):
            return error
        raise error
    return None
