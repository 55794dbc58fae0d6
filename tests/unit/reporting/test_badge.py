"""Badges say what the headline says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from contract_tests.reporting.views.badge import endpoint, message, svg

from .altered import ADVISORY, CELL, CELLS_IN_ALL, MUST, OTHER, altered, plain_report
from .sample import hostile

if TYPE_CHECKING:
    from contract_tests.reporting.format import Conformance

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("verdicts", "run", "said"),
    [
        ({}, {}, f"conforms {CELLS_IN_ALL}/{CELLS_IN_ALL}"),
        (
            {(MUST, CELL): "not tested", (MUST, OTHER): "not applicable"},
            {},
            f"conforms {CELLS_IN_ALL - 2}/{CELLS_IN_ALL - 1}",
        ),
        ({(MUST, CELL): "deviates"}, {}, f"conforms {CELLS_IN_ALL - 1}/{CELLS_IN_ALL}, 1 known deviation"),
        ({(ADVISORY, CELL): "advises"}, {}, f"conforms {CELLS_IN_ALL - 1}/{CELLS_IN_ALL}"),
        ({(MUST, CELL): "violates"}, {"exit_code": 1}, "1 violation"),
        ({(MUST, CELL): "violates", (MUST, OTHER): "blocked"}, {"exit_code": 1}, "1 violation, 1 blocked"),
        ({(ADVISORY, CELL): "advises"}, {"exit_code": 1, "gate": "all"}, "1 violation"),
        ({}, {"exit_code": 1}, "tests failed"),
        ({}, {"complete": False}, "incomplete"),
        ({}, {"exit_code": 2, "complete": False}, "incomplete"),
        ({(MUST, CELL): "violates"}, {"exit_code": 2, "complete": False}, "1 violation, incomplete"),
    ],
)
def test_what_it_says(verdicts: dict[tuple[str, str], str], run: dict[str, Any], said: str) -> None:
    assert message(plain_report(verdicts, **run)) == said


COLOURS = {
    "1a7f37": plain_report(),
    "8a6100": plain_report({(MUST, CELL): "deviates"}),
    "b3261e": plain_report({(MUST, CELL): "violates"}, exit_code=1),
    "b04a00": plain_report(complete=False),
    "5f6a75": altered(plain_report(), {}, rest="not tested"),
}


@pytest.mark.parametrize("colour", COLOURS)
def test_each_state_has_a_colour_on_which_white_is_legible(colour: str) -> None:
    report = COLOURS[colour]
    assert endpoint(report) == {
        "schemaVersion": 1,
        "label": "contract",
        "message": message(report),
        "color": colour,
    }
    assert f'fill="#{colour}"' in svg(report)
    assert 1.05 / (_luminance(colour) + 0.05) >= 4.5


def _luminance(colour: str) -> float:
    """As WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("report", [plain_report(), hostile()])
def test_the_image_can_be_read_aloud_and_loads_nothing(report: Conformance) -> None:
    image = ET.fromstring(svg(report))
    assert image.get("role") == "img"
    said = f"contract: {message(report)}"
    assert image.get("aria-label") == said
    assert [one.text for one in image.iter(f"{SVG}title")] == [said]
    assert [one.text for one in image.iter(f"{SVG}text")] == ["contract", message(report)]
    assert {one.tag.removeprefix(SVG) for one in image.iter()} == {"svg", "title", "clipPath", "rect", "g", "text"}
    assert "href" not in svg(report)
