"""Second factors: what an account has beside its password (codes of an app, passkeys, a printed sheet).

`methods` says what an account has and takes it away, `required` who must have one; `app`, `passkeys` and `recovery`
hold one kind each: making it, and taking one answer of it, once.
"""
