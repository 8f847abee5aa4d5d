"""What a page shows to somebody whose browser runs no scripts."""

from __future__ import annotations

from html.parser import HTMLParser

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"}
_UNSEEN = {"head", "script", "style", "template", "datalist", "dialog"}


class Visible(HTMLParser):
    """Text, images and fields of a page outside everything hidden.

    Attributes:
        text: all words, single spaces between them.
        images: addresses of the images, in order.
        fields: name → value of the inputs that hold one.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.images: list[str] = []
        self.fields: dict[str, str] = {}
        self._words: list[str] = []
        self._open: list[bool] = [False]
        self.feed(page)
        self.close()
        self.text = " ".join(" ".join(self._words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what the element shows by itself, and whether it hides what is in it."""
        values = {name: value or "" for name, value in attrs}
        unseen = self._open[-1] or tag in _UNSEEN or "hidden" in values
        if tag not in _VOID:
            self._open.append(unseen)
        elif not unseen and tag == "img":
            self.images.append(values["src"])
        elif not unseen and tag == "input" and values.get("type") not in ("radio", "checkbox"):
            self.fields[values.get("name", "")] = values.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        """Leave the element."""
        if tag not in _VOID:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """Collect words."""
        if not self._open[-1]:
            self._words.append(data)
