"""Reading in waves: what is stated before the draw, what is seen after a wave, and ending because of it."""
