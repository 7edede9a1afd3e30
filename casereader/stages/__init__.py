"""How far each inspection has come: its stage, what waits for whom, what is late, and all of them on one board."""
