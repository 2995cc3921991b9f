"""Puts the screens' fonts into web/src/fonts. `npm run build` calls it before Vite; it needs fonttools and brotli.

Two subsets of Inter with optical sizes are taken as they are published (latin, vietnamese). The signs they lack (arrows,
comparison signs, Delta) are cut from the original variable font, so no sign ever falls back to a system font.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from fontTools import subset  # type: ignore[import-untyped]

WEB = Path(__file__).resolve().parent.parent
FONTS = WEB / "src" / "fonts"
PUBLISHED = WEB / "node_modules" / "@fontsource-variable" / "inter" / "files"
ORIGINAL = WEB / "node_modules" / "inter-ui" / "variable" / "InterVariable.woff2"
SUBSETS = ("latin", "vietnamese")
SIGNS = "\u2264\u2265\u2248\u2192\u2190\u2197\u2198\u0394"  # as in the last unicode-range of tokens.css


def cut_signs(source: Path, target: Path) -> None:
    """Write the glyphs of SIGNS, all axes kept, as woff2."""
    options = subset.Options(flavor="woff2", layout_features=["tnum", "pnum", "ccmp"])
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=SIGNS)
    subsetter.subset(font)
    subset.save_font(font, str(target), options)


def main() -> int:
    sources = [PUBLISHED / f"inter-{name}-opsz-normal.woff2" for name in SUBSETS]
    if missing := [path.name for path in (*sources, ORIGINAL) if not path.is_file()]:
        sys.stderr.write(f"fonts missing: {', '.join(missing)}; run `npm ci --ignore-scripts` in web/ first\n")
        return 1
    FONTS.mkdir(parents=True, exist_ok=True)
    for path in sources:
        shutil.copyfile(path, FONTS / path.name)
    cut = FONTS / "inter-symbols-opsz-normal.woff2"
    if not cut.is_file() or cut.stat().st_mtime < max(ORIGINAL.stat().st_mtime, Path(__file__).stat().st_mtime):
        cut_signs(ORIGINAL, cut)
    return 0


if __name__ == "__main__":
    sys.exit(main())
