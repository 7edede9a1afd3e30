"""Backups: a copy of the whole database, sealed, checked and on the list.

The secret key is in none: whoever opens a backup does not yet open second factors and rescue files.
"""
