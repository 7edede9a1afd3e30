"""What is invented: partnerships, lists, records and ratings, out of seeded chance alone. No database."""
