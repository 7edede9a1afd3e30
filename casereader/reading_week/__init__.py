"""The week in the reading room: who reads on which day, the records on their way, and how far all of it is."""
