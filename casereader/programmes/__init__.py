"""Programmes and their inspections: begun, filled and dated, and the people of each."""
