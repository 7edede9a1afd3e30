"""Counts what decision 108 compares: files, their lines, and how many functions say what they return and what they do.

Run as `python -m tests.measured [FOLDER …]`, for our own program without a folder, for a clone of another with its own.
Migrations and tests are left out; a function without `_` before its name is public.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

from tests.source import ROOT

OURS = [ROOT / "casereader", ROOT / "sampling", ROOT / "app.py"]
LEFT_OUT = {"migrations", "tests", "node_modules", ".venv"}


def main(folders: Sequence[Path]) -> int:
    """Write a line for each figure."""
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
    longest, where = max(zip(lines, paths, strict=True))
    most, folder = Counter(path.parent for path in paths).most_common(1)[0][::-1]
    says = {
        "files": f"{len(paths)}, {sum(lines):,} lines",
        "lines in a file, median": f"{median(lines):.0f}",
        "lines in the longest": f"{longest}  {where.name}",
        "say what they return": _share(node.returns is not None for node in functions),
        "with a docstring": _share(ast.get_docstring(node) is not None for node in functions),
        "with a docstring, of the public": _share(ast.get_docstring(node) is not None for node in public),
        "most modules in one folder": f"{most}  {folder.name}",
    }
    sys.stdout.writelines(f"{name:32}{said}\n" for name, said in says.items())
    return 0


def _share(said: Iterable[bool]) -> str:
    found = list(said)
    return f"{sum(found) / len(found):.1%}"


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]] or OURS))
