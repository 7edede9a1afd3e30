"""Programmes and their inspections: begun, filled, dated, and how far each has come."""
