"""How a question, its answer and the reading that they are of are shown, and what is asked about an answer."""
