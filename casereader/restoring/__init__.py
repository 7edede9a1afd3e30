"""Bringing a backup back, and erasing again what was erased since it was made."""
