"""The API page leaves no public name out."""

from bs4 import BeautifulSoup

import mfdepth as mf


def test_every_public_name_is_on_the_library_page(html):
    page = BeautifulSoup((html / "book" / "api.html").read_text(encoding="utf-8"), "html.parser")
    shown = {tag["id"] for tag in page.select("dt[id]")}
    public = {f"mfdepth.{name}" for name in mf.__all__ if callable(getattr(mf, name))}
    public |= {f"mfdepth.explorables.{name}" for name in mf.explorables.__all__} | {"mfdepth.explore"}
    assert public <= shown
