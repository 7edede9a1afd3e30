"""The week in the reading room: what each reader has on which day, the records on their way, how far it all is."""
