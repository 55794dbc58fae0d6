"""What the HTML pages share: auto-escaping templates, the style sheet, a strict policy, and texts made visible."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any, Final

import jinja2
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup, escape

_FOLDER: Final = Path(__file__).with_name("templates")
_UNSEEN: Final = re.compile(
    # Controls but tab and line feed, soft hyphen, and what is invisible or turns the direction of a text around.
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_CODE: Final = re.compile("`([^`]+)`")


def visible(text: str) -> str:
    """`text` with each character that a page does not show, or that changes how its neighbours look, as its number."""
    return _UNSEEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)


def prose(text: str) -> Markup:
    """A sentence of the ledger: what stands in backticks is code."""
    pieces = _CODE.split(visible(text))
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if at % 2 else escape(piece) for at, piece in enumerate(pieces)
    )


@cache
def templates() -> jinja2.Environment:
    """The templates of the pages; whatever they are given is escaped, and made visible on its way out."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("contract_tests.reporting.views"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=lambda value: visible(value) if type(value) is str else value,
    )


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
