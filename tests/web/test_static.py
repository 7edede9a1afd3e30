"""What the browser is given: vendored files as they were fetched, and nothing inline or from elsewhere."""

import hashlib
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "casereader" / "static"
VENDORED = sorted(
    [*STATIC.glob("vendor/*/VENDOR.toml"), *(ROOT / "tests" / "browser" / "vendor").glob("*/VENDOR.toml")]
)
STYLES = sorted(STATIC.rglob("*.css"))
SCRIPTS = sorted((STATIC / "js").glob("*.js"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if path.name != "codebook.html"]  # that one is written to a file, to stand alone


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


@pytest.mark.parametrize("described", VENDORED, ids=names(VENDORED))
def test_a_vendored_folder_holds_exactly_the_files_it_describes_unchanged(described: Path) -> None:
    vendor = tomllib.loads(described.read_text(encoding="utf-8"))
    folder = described.parent
    assert folder.name == f"{folder.name.rsplit('-', 1)[0]}-{vendor['version']}"
    assert {path.name for path in folder.iterdir()} == {"VENDOR.toml", *vendor["sha256"]}
    assert any("LICENSE" in name for name in vendor["sha256"])
    for name, digest in vendor["sha256"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name


@pytest.mark.parametrize("style", STYLES, ids=names(STYLES))
def test_a_style_sheet_asks_for_nothing_but_itself(style: Path) -> None:
    text = style.read_text(encoding="utf-8")
    assert re.findall(r"url\(|@import|@font-face|image-set\(|https?://|sourceMappingURL", text, re.IGNORECASE) == []


@pytest.mark.parametrize("script", SCRIPTS, ids=names(SCRIPTS))
def test_a_script_stays_within_the_content_policy_and_keeps_nothing_in_the_browser(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    forbidden = (
        r"https?://|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\.style\b"
        r"|localStorage|sessionStorage|indexedDB|document\.cookie|serviceWorker"
    )
    assert re.findall(forbidden, text) == []
    for wanted in re.findall(r"""from ["']([^"']+)["']""", text):
        assert (script.parent / wanted).is_file(), wanted


@pytest.mark.parametrize("template", TEMPLATES, ids=names(TEMPLATES))
def test_a_template_has_nothing_inline_and_nothing_from_elsewhere(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert re.findall(r"\sstyle=|\son[a-z]+=|javascript:", text, re.IGNORECASE) == []
    assert re.findall(r"<script(?![^>]*\bsrc=)(?! type=\"application/json\")[^>]*>", text) == []  # data do nothing
    assert re.findall(r"""(?:src|href|action)=["'](?:https?:)?//""", text) == []
    assert re.findall(r"\|\s*safe\b|autoescape\s+false", text) == []


@pytest.mark.parametrize("template", PAGES, ids=names(PAGES))
def test_a_page_brings_no_styles_of_its_own(template: Path) -> None:
    assert "<style" not in template.read_text(encoding="utf-8").lower()


def test_every_static_file_a_template_names_exists() -> None:
    for template in TEMPLATES:
        for name in re.findall(r"""filename=["']([^"'{}~]+\.[a-z]+)["']""", template.read_text(encoding="utf-8")):
            assert (STATIC / name).is_file(), f"{template.name} names {name}"
