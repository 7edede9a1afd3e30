"""The version of this program, as its certificates state it; the wheel's is read from here."""

VERSION = "1.0.0"
SOFTWARE = f"casereader {VERSION}"
