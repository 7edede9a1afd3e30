"""What people do about their own signing in: their sign-ins, the lock, the password, and proving again who they are."""

from __future__ import annotations

import casereader.web.signing.confirming
import casereader.web.signing.locking
import casereader.web.signing.password
import casereader.web.signing.sign_ins  # noqa: F401 - each adds its views to the blueprint
from casereader.web.signing.blueprint import blueprint

__all__ = ["blueprint"]
