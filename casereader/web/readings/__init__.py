"""The pages of a reader: their readings, the form, what it saves and rescues, and practice before the week."""
