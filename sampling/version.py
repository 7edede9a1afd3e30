"""The version of this program, as its certificates state it; `pyproject.toml` names the same."""

VERSION = "0.1.0"
SOFTWARE = f"casereader {VERSION}"
