"""Figures from the database: loaded of inspections, rolled up by the pure rooms, and set beside other figures."""
