"""People: their accounts, how they sign in, what bars them from a case, and where they are reached."""
