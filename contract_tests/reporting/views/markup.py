"""What the HTML pages share: auto-escaping templates, the style sheet, a strict policy, and texts made visible."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import jinja2
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from contract_tests.contract import CELLS

_FOLDER: Final = Path(__file__).with_name("templates")
_UNSEEN: Final = re.compile(
    # Controls but tab and line feed, soft hyphen, and what is invisible or turns the direction of a text around.
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_CODE: Final = re.compile("`([^`]+)`")
_WHOLE: Final = re.compile(rf"((?<![\w-])--[a-z][\w-]*|\b(?:{'|'.join(map(str, CELLS))})\b)")
"""An option of the command line, or the name of a cell: with hyphens in it, and one word all the same."""
_SLASH: Final = re.compile(r"(?<=\w)/(?=\w+[/?:-])")
"""Within a path, and not before its last part: a media type is a word."""


def visible(text: str) -> str:
    """`text` with each character that a page does not show, or that changes how its neighbours look, as its number."""
    return _UNSEEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)


def prose(text: str) -> Markup:
    """A sentence of the ledger: what stands in backticks is code."""
    pieces = enumerate(_CODE.split(visible(text)))
    return Markup("").join(Markup("<code>{}</code>").format(one) if at % 2 else unbroken(one) for at, one in pieces)


def unbroken(text: str) -> Markup:
    """A text in which a line may end behind a slash of a path, and not within an option or the name of a cell."""
    pieces = enumerate(_WHOLE.split(visible(text)))
    word, slash = Markup('<span class="word">{}</span>'), Markup("/<wbr>")
    return Markup("").join(word.format(one) if at % 2 else slash.join(_SLASH.split(one)) for at, one in pieces)


def moment(text: str) -> str:
    """A time as a reader wants it; as it is if it is none."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError):
        return text


@cache
def templates() -> jinja2.Environment:
    """The templates of the pages; whatever they are given is escaped, and made visible on its way out."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("contract_tests.reporting.views"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=lambda value: visible(value) if type(value) is str else value,
    )
    environment.filters.update(prose=prose, unbroken=unbroken, moment=moment)
    return environment


def style() -> Markup:
    """The style sheet of all pages of ours."""
    return script("palette.css", "style.css")


def style_of_tests() -> Markup:
    """What the style of pytest-html, in report.html, lacks."""
    return script("palette.css", "testpage.css")


def script(*names: str) -> Markup:
    """The script of a page: these files of the templates, one after the other."""
    return Markup("\n").join(map(_own, names))


def policy(style_text: str, script_text: str = "", *, images: bool = False) -> str:
    """A Content-Security-Policy under which these two texts work, and nothing else does.

    `images` allows those that stand in the page itself.
    """
    scripts = f" script-src {_source(script_text)};" if script_text else ""
    shown = " img-src data:;" if images else ""
    return f"default-src 'none'; style-src {_source(style_text)};{scripts}{shown} base-uri 'none'; form-action 'none'"


def embedded(data: Any) -> Markup:
    """`data` as JSON that can stand in a script element: nothing in it ends the element or begins another."""
    return htmlsafe_json_dumps(data, separators=(",", ":"))


def _source(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


@cache
def _own(name: str) -> Markup:
    return Markup((_FOLDER / name).read_text(encoding="utf-8"))  # noqa: S704 - a file of this package
