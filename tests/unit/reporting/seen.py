"""HTML as a browser's parser sees it."""

from __future__ import annotations

from html.parser import HTMLParser


class Seen(HTMLParser):
    """The elements of a page, their attributes, and its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str | None]] = set()
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= set(attrs)

    def handle_data(self, data: str) -> None:
        self.words += data

    @property
    def loads(self) -> set[str]:
        """Attributes that make a browser load or run something."""
        names = {name for name, _ in self.attributes}
        return {name for name in names if name in {"src", "href", "srcset", "data", "style"} or name.startswith("on")}
