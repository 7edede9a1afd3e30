"""The pages of a partnership's list and of its return: sent, checked, mapped, mended, taken."""
