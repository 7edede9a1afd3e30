"""From a list to a drawn sample: planned, bound, drawn and certified, so that nobody can steer which case is read."""
