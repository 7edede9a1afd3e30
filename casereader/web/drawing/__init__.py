"""The pages of the sample: its plan, the draw, its papers, waves, replacements, and what is changed after it."""
