"""Counts what decision 108 compares: files, their lines, and how many functions say what they return and what they do.

Run as `python -m tests.measured [FOLDER …]`, for our own program without a folder, for a clone of another with its own.
Migrations and tests are left out; a function without `_` before its name is public.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from tests.source import ROOT

OURS = [ROOT / "casereader", ROOT / "sampling", ROOT / "app.py"]
LEFT_OUT = {"migrations", "tests", "node_modules", ".venv"}


def main(folders: Sequence[Path]) -> int:
    """Print a line for each figure."""
    paths = [
        path
        for folder in folders
        for path in ([folder] if folder.is_file() else sorted(folder.rglob("*.py")))
        if not LEFT_OUT & set(path.parts)
    ]
    texts = [path.read_text(encoding="utf-8") for path in paths]
    lines = [text.count("\n") for text in texts]
    functions = [
        node
        for text in texts
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    public = [node for node in functions if not node.name.startswith("_")]
    longest = max(zip(lines, paths, strict=True))
    print(f"files                          {len(paths)}, {sum(lines):,} lines")
    print(f"lines in a file, median        {median(lines):.0f}")
    print(f"lines in the longest           {longest[0]}  {longest[1].name}")
    print(f"say what they return           {_share(node.returns is not None for node in functions)}")
    print(f"with a docstring               {_share(ast.get_docstring(node) is not None for node in functions)}")
    print(f"with a docstring, of public    {_share(ast.get_docstring(node) is not None for node in public)}")
    folders_of = {path.parent for path in paths}
    most = max((sum(path.parent == folder for path in paths), folder.name) for folder in folders_of)
    print(f"most modules in one folder     {most[0]}  {most[1]}")
    return 0


def _share(said: object) -> str:
    found = list(said)  # type: ignore[call-overload]
    return f"{sum(found) / len(found):.1%}"


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]] or OURS))
