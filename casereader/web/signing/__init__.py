"""What people do about their own signing in: second step, its methods, their sign-ins, lock and password."""

from __future__ import annotations

import casereader.web.signing.confirming
import casereader.web.signing.locking
import casereader.web.signing.methods
import casereader.web.signing.outside
import casereader.web.signing.passkeys
import casereader.web.signing.password
import casereader.web.signing.second_step
import casereader.web.signing.sign_ins  # noqa: F401 - each adds its views to the blueprint
from casereader.web.signing.blueprint import blueprint

__all__ = ["blueprint"]
