"""Pages into PDF/A, through WeasyPrint and so through Pango: imported only when something is printed."""

from __future__ import annotations

import warnings
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

import weasyprint
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

_VARIANT = "pdf/a-3u"
_FONTS = {
    "Sans": "DejaVuSans.ttf",
    "Sans;font-weight:bold": "DejaVuSans-Bold.ttf",
    "Mono": "DejaVuSansMono.ttf",
}


def pdf(html: str) -> bytes:
    """The PDF/A of a page. Pictures come inside it, fonts from the program: nothing else is ever fetched."""
    fonts = FontConfiguration()
    only_files = URLFetcher(allowed_protocols=("file",), fail_on_errors=True)
    style = weasyprint.CSS(string=_style(), font_config=fonts, url_fetcher=only_files)
    only_embedded = URLFetcher(allowed_protocols=("data",), fail_on_errors=True)
    document = weasyprint.HTML(string=html, url_fetcher=only_embedded)
    with warnings.catch_warnings():
        # WeasyPrint leaves the file of its colour profile to the garbage collector.
        warnings.simplefilter("ignore", ResourceWarning)
        written: bytes = document.write_pdf(stylesheets=[style], font_config=fonts, pdf_variant=_VARIANT)
    return written


@cache
def _style() -> str:
    faces = "".join(
        f"@font-face {{ font-family: 'Vigie {name.partition(';')[0]}'; {name.partition(';')[2]};"
        f" src: url('{(_font_folder() / file).as_uri()}') }}\n"
        for name, file in _FONTS.items()
    )
    return faces + (files("monitor.evidence.bundle") / "templates/style.css").read_text("utf-8")


@cache
def _font_folder() -> Path:
    with as_file(files("matplotlib") / "mpl-data/fonts/ttf") as folder:
        return folder
