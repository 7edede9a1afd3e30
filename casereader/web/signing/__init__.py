"""What people do about their own signing in: looking over and ending their sign-ins, the quick lock, the password."""

from __future__ import annotations

import casereader.web.signing.locking
import casereader.web.signing.password
import casereader.web.signing.sign_ins  # noqa: F401 - each adds its views to the blueprint
from casereader.web.signing.blueprint import blueprint

__all__ = ["blueprint"]
