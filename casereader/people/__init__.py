"""People: their accounts, how they sign in, and what bars them from a case."""
