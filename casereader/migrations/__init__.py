"""Steps from one schema to the next, run by command under a lock, never at import."""
