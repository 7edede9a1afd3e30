"""Submitted readings looked over by somebody else: signed off, settled where two differ, opened again by two people."""
