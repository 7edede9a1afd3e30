"""The pages of what goes beyond a reading and is followed until it is closed: matters of concern and actions."""
