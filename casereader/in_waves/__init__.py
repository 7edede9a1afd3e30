"""Reading in waves: which wave each case is of, and what may be seen before reading is complete."""
