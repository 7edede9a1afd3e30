"""Files that take long to make: a child process makes one while its page says how far it is, and gives it out once."""
