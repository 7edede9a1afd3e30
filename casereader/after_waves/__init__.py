"""After a wave: what the lead sees of it, and ending reading because of that."""
