"""What must stay quick, each timed beside the least that could be done: `python -m bench`."""
