from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract_tests.contract import CELLS, load_ledger
from contract_tests.driver.preflight import UNSAID
from contract_tests.judging import Verdict
from contract_tests.reporting.format import Conformance
from contract_tests.reporting.views import page_data
from contract_tests.reporting.views.markup import policy, prose, unbroken, visible
from contract_tests.reporting.views.page import page
from contract_tests.reporting.views.page_data import BODIES_LIMIT

from .sample import HOSTILE, hostile, sample
from .unpacking import unpacked_details, unpacked_exchanges


class Parsed(HTMLParser):
    """What a reader of HTML makes of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self._inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag if tag in self.raw else ""
        if self._inside:
            self.raw[tag].append("")

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the name is the parent's
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.raw[self._inside][-1] += data
        else:
            self.texts.append(data)

    def with_attribute(self, name: str) -> list[str]:
        return [attributes[name] or "" for _, attributes in self.tags if name in attributes]

    def data(self, id_: str) -> Any:
        scripts = [attributes.get("id") for tag, attributes in self.tags if tag == "script"]
        return json.loads(self.raw["script"][scripts.index(id_)])


@cache
def report() -> Conformance:
    return sample(steps=2)


@cache
def rendered() -> str:
    return page(report())


@cache
def parsed() -> Parsed:
    return Parsed(rendered())


def test_the_same_report_gives_the_same_page() -> None:
    assert page(report()) == rendered()


def test_a_server_that_does_not_say_its_version_calls_itself_nothing() -> None:
    known = report()
    unknown = known.model_copy(update={"target": known.target.model_copy(update={"version": UNSAID, "address": "x"})})
    assert "which version it is, the server does not say" in page(unknown)
    assert "so the server calls itself" not in page(unknown)


def test_every_clause_and_every_cell_is_there() -> None:
    tags = parsed().tags
    rows = [attributes["id"] for tag, attributes in tags if tag == "tr" and attributes.get("class") == "clause"]
    assert rows == [f"clause-{slug}" for slug in load_ledger()]
    verdicts = parsed().with_attribute("data-verdict")
    assert len(verdicts) == len(load_ledger()) * len(CELLS)
    assert {str(verdict): verdicts.count(verdict) for verdict in Verdict} == report().totals
    buttons = [attributes for tag, attributes in tags if tag == "button" and "data-cell" in attributes]
    assert [one["aria-label"] for one in buttons] == [
        f"{cell.verdict}: {clause.id} in /{cell.dialect} {cell.service}"
        for clause in report().clauses
        for cell in clause.cells
    ]


def test_what_a_cell_opens_is_the_report() -> None:
    whole = json.loads(report().model_dump_json())
    assert unpacked_details(parsed().data("details")) == {name: whole[name] for name in ("clauses", "observations")}
    assert unpacked_exchanges(parsed().data("exchanges")) == whole["exchanges"]


_TEXTS = st.text(st.sampled_from("01ab'\\\n é"), max_size=6)
_BODIES: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict, text=st.none() | _TEXTS, base64=st.none() | _TEXTS, omitted=st.integers(0, 1)
)
_HEADERS = st.lists(st.tuples(_TEXTS, _TEXTS).map(list), max_size=2)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "failure": st.none() | _TEXTS,
                "seconds": st.sampled_from([0.0, 1.0]),
                "curl": st.lists(_TEXTS).map("".join),
                "request": st.builds(dict, method=_TEXTS, url=_TEXTS, headers=_HEADERS, body=_BODIES),
                "response": st.none()
                | st.builds(dict, status=st.sampled_from([0, 1, 200]), headers=_HEADERS, body=_BODIES),
            }
        ),
        max_size=4,
    )
)
def test_any_exchange_is_in_the_page_as_the_report_has_it(drawn: list[dict[str, Any]]) -> None:
    whole = json.loads(report().model_dump_json())
    first = next(iter(whole["exchanges"].values()))
    told = {str(number): first | one for number, one in enumerate(drawn)}
    data = page_data.exchanges(Conformance.model_validate(whole | {"exchanges": told}))
    assert unpacked_exchanges(json.loads(json.dumps(data))) == told
    assert len({json.dumps(value) for value in data["values"]}) == len(data["values"])


def test_a_text_that_many_exchanges_have_stands_in_the_page_once() -> None:
    """A long name of a test, an address, a body, and headers, each said by some of the exchanges, tests and cells."""
    whole = json.loads(report().model_dump_json()) | {"causes": []}  # paper has the beginnings of what proves them
    mark = "told once, " * 5
    for exchange in whole["exchanges"].values():
        exchange["response"] = {"status": 200, "headers": [["x", f"{mark}5"]], "body": {"text": f"{mark}4"}}
        exchange["request"] |= {"url": f"https://{mark}1", "body": {"text": f"{mark}2"}, "headers": [["x", f"{mark}3"]]}
        exchange["curl"] = f"curl -d '{mark}2' https://{mark}1"
    for cell in (cell for clause in whole["clauses"] for cell in clause["cells"]):
        cell["tests"] = [f"{mark}6"]
        for step in (*cell["exchanges"], *cell["flaws"]):
            step["test"] = f"{mark}6"
    html = page(Conformance.model_validate(whole))
    assert [html.count(f"{mark}{number}") for number in range(1, 7)] == [1] * 6


def test_the_policy_allows_the_pages_own_texts_and_nothing_else() -> None:
    (policies,) = (one["content"] for tag, one in parsed().tags if one.get("http-equiv") == "Content-Security-Policy")
    script, style = (
        base64.b64encode(hashlib.sha256(parsed().raw[name][-1].encode()).digest()).decode()
        for name in ("script", "style")
    )
    assert policies == (
        f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}';"
        " base-uri 'none'; form-action 'none'"
    )
    assert "script-src" not in policy("a{}")


def test_nothing_in_it_asks_for_anything() -> None:
    names = {name for _, attributes in parsed().tags for name in attributes}
    assert not names & {"src", "srcset", "style", "action", "data", "poster"}
    assert not [name for name in names if name.startswith("on")]
    assert all(target.startswith("#") for target in parsed().with_attribute("href"))
    assert "url(" not in parsed().raw["style"][0]


def test_every_link_leads_somewhere() -> None:
    ids = parsed().with_attribute("id")
    assert len(set(ids)) == len(ids)
    assert {target[1:].partition("/")[0] for target in parsed().with_attribute("href")} <= set(ids)
    for name in ("aria-controls", "aria-labelledby"):
        assert set(parsed().with_attribute(name)) <= set(ids)


def test_hostile_texts_stay_texts() -> None:
    html, told = page(hostile()), sample(steps=2, selected="some were")
    named = told.model_copy(update={"run": told.run.model_copy(update={"id": "of a run"})})
    calm, poisoned = Parsed(page(named)), Parsed(html)
    assert [tag for tag, _ in poisoned.tags] == [tag for tag, _ in calm.tags]
    assert [list(one) for _, one in poisoned.tags] == [list(one) for _, one in calm.tags]
    assert poisoned.raw["script"][-1] == calm.raw["script"][-1]
    whole = "".join(poisoned.texts)
    assert whole.count(visible(HOSTILE)) > 600
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e]", html)
    assert poisoned.data("details")["clauses"][0]["says"].endswith(HOSTILE)


def test_what_is_not_seen_is_made_visible() -> None:
    assert visible("a\tb\nc é 字") == "a\tb\nc é 字"
    assert visible("\x00\r\x1b\x9b\u202e\u200b\ufeff") == ("⟨U+0000⟩⟨U+000D⟩⟨U+001B⟩⟨U+009B⟩⟨U+202E⟩⟨U+200B⟩⟨U+FEFF⟩")


def test_backticks_are_code_and_what_is_in_them_is_escaped() -> None:
    assert prose("`a<b` & `c`") == "<code>a&lt;b</code> &amp; <code>c</code>"
    assert prose("one ` alone") == "one ` alone"


def test_lines_end_within_paths_and_not_within_options_or_cells() -> None:
    assert unbroken("<give --max-wait>") == '&lt;give <span class="word">--max-wait</span>&gt;'
    assert unbroken("api-update, x-api-updated") == '<span class="word">api-update</span>, x-api-updated'
    assert unbroken("/rest/com/x-y of a/b text/xml") == "/rest/<wbr>com/<wbr>x-y of a/b text/xml"
    assert unbroken("\u202e") == "⟨U+202E⟩"


def with_bodies(count: int, **body: Any) -> Conformance:
    data = report().model_dump()
    name, exchange = next(iter(data["exchanges"].items()))
    exchange["response"]["body"] = {"text": None, "base64": None, "omitted": 0, **body}
    data["exchanges"] = {name: exchange} | {f"x{number}": exchange for number in range(count - 1)}
    return Conformance.model_validate(data)


def first_body(report: Conformance) -> dict[str, Any]:
    exchange = next(iter(unpacked_exchanges(Parsed(page(report)).data("exchanges")).values()))
    return dict(exchange["response"]["body"])


def test_a_long_body_is_cut_and_the_rest_counted() -> None:
    assert first_body(with_bodies(1, text="é" * 20_000, omitted=5))["omitted"] == 5
    long = first_body(with_bodies(1, text="é" * 20_010, omitted=5))
    assert long == {"text": "é" * 20_000, "base64": None, "omitted": 25}


@pytest.mark.parametrize("size", [15_001, 15_002, 15_003])
def test_a_long_body_in_base64_is_cut_where_it_can_be_read(size: int) -> None:
    content = bytes(255 for _ in range(size))
    cut = first_body(with_bodies(1, base64=base64.b64encode(content).decode(), omitted=7))
    assert base64.b64decode(cut["base64"]) == content[:15_000]
    assert cut["omitted"] == 7 + size - 15_000


def test_many_long_bodies_are_cut_shorter() -> None:
    large = with_bodies(2000, text="x" * 20_000)
    assert len(first_body(large)["text"]) == 4000
    assert len(page(large)) < BODIES_LIMIT


def test_what_could_not_be_decided_is_told_by_reason() -> None:
    html = rendered()
    undecided = html[html.index('<h2 id="undecided">') : html.index('<h2 id="matrix"')]
    reasons = re.findall(r"</span> (\d+) cells?: (.+)</summary>", undecided)
    blocking = [cause for cause in report().causes if cause.blocked]
    assert len({reason for _, reason in reasons}) == len(reasons) == len(blocking) + 2  # what is blocked, by its causes
    total = sum(report().totals[verdict] for verdict in (Verdict.BLOCKED, Verdict.INCONCLUSIVE, Verdict.NOT_TESTED))
    assert sum(int(count) for count, _ in reasons) == total


def test_one_may_rely_on_conforming_must_clauses_only() -> None:
    html = rendered()
    listed = re.findall(r"\[([^\[\]]+)\]</code></a></li>", html)
    assert listed == [
        clause.id
        for clause in report().clauses
        if clause.level == "must" and any(cell.verdict == "conforms" for cell in clause.cells)
    ]
    for clause in report().clauses:
        if clause.id in listed:
            limited = any(cell.verdict != "conforms" for cell in clause.cells)
            entry = html[: html.index(f"[{clause.id}]</code></a></li>")].rpartition("<li>")[2]
            assert ("Only in " in entry) == limited


def test_a_run_without_anything_to_tell_says_so() -> None:
    data = sample(steps=1, conforming=True).model_dump()
    for clause in data["clauses"]:
        for cell in clause["cells"]:
            cell["verdict"] = "conforms"
    empty: dict[str, Any] = {"observations": [], "deviations": [], "leftovers": []}
    html = page(Conformance.model_validate(data | empty))
    for words in (
        "No test found a clause broken.",
        "every clause was decided in every cell where it applies.",
        "No choice was observed.",
        "the run removed all that it made.",
    ):
        assert words in html


def test_the_mock_is_not_taken_for_a_product() -> None:
    data = report().model_dump()
    data["target"] |= {"address": None, "version": "cl-contract-mock/0.1.0", "virtual_clock": True}
    assert "which comes with the suite and is not a product" in page(Conformance.model_validate(data))
    assert "not a product" not in rendered()
