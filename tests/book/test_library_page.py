"""The API page leaves no public name out."""

from bs4 import BeautifulSoup

import mfdepth as mf


def test_every_public_name_is_on_the_library_page(html):
    page = BeautifulSoup((html / "book" / "api.html").read_text(encoding="utf-8"), "html.parser")
    shown = {tag["id"] for tag in page.select("dt[id]")}
    public = {f"mfdepth.{name}" for name in mf.__all__}
    rooms = [mf.live, mf.figures, *(getattr(mf.chapters, room) for room in mf.chapters.ROOMS)]
    public |= {f"{room.__name__}.{name}" for room in rooms for name in room.__all__}
    there = {name for name in public if f"mfdepth.{name.rpartition('.')[2]}" in shown}  # what mf. has is shown there
    assert not public - shown - there
