"""The project's own source as its tests read it: every file of it, and what its modules import."""

import ast
import os
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEXT = {
    "",
    ".css",
    ".html",
    ".ini",
    ".js",
    ".json",
    ".mako",
    ".md",
    ".py",
    ".R",
    ".sh",
    ".sql",
    ".svg",
    ".toml",
    ".txt",
}
HOSTILE = "tests/frames"  # lists to be read or refused, some of them not text at all


@cache
def files() -> tuple[Path, ...]:
    """Every file of the project in order, vendored ones among them; what `.gitignore` names is not of the project."""
    ignored = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").split()]
    found: list[Path] = []
    for folder, folders, names in os.walk(ROOT):
        kept = [
            name for name in (*folders, *names) if not any(fnmatch(name, pattern) for pattern in (".git", *ignored))
        ]
        folders[:] = [name for name in folders if name in kept]
        found += [Path(folder) / name for name in names if name in kept]
    return tuple(sorted(found))


def named(path: Path) -> str:
    """A file's path inside the project, with slashes."""
    return path.relative_to(ROOT).as_posix()


def is_vendored(path: Path) -> bool:
    """Whether a file is somebody else's work that we only carry."""
    return "vendor" in path.relative_to(ROOT).parts


def is_text(path: Path) -> bool:
    """Whether a file is meant to be read as text."""
    return path.suffix in TEXT and not named(path).startswith(HOSTILE)


def modules(*folders: str) -> dict[str, Path]:
    """The Python modules of these folders, by dotted name."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in files()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in folders
    }


@cache
def parsed(path: Path) -> ast.Module:
    """A module's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports(path: Path, known: frozenset[str]) -> set[str]:
    """The modules a file imports, wherever in it; for those of `known`, the very module and not just its package."""
    found: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{named(path)} imports relatively: name the module in full"
            module = node.module or ""
            whole = {f"{module}.{alias.name}" for alias in node.names}
            found |= {name for name in whole if name in known} or {module}
            if module in known and not whole <= known:
                found.add(module)
    return found
