from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from contract_tests.reporting.views.page import page
from tests.unit.reporting.sample import hostile, sample

from .visits import Visits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from contract_tests.reporting.format import Conformance


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One chromium for each worker."""
    chromium = Path(os.environ.get("CONTRACT_CHROMIUM", "/usr/bin/chromium"))
    if not chromium.exists():
        why = f"{chromium} is missing; install chromium, or name one in CONTRACT_CHROMIUM"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def visits(browser: Browser, tmp_path: Path) -> Iterator[Visits]:
    """Opens pages; fails the test if one of them complained, or asked for anything but itself."""
    visits = Visits(browser, tmp_path)
    yield visits
    visits.close()
    assert visits.complaints == []
    assert visits.requests == []


@pytest.fixture(scope="session")
def report() -> Conformance:
    return sample(steps=2)


@pytest.fixture(scope="session")
def html(report: Conformance) -> str:
    return page(report)


@pytest.fixture(scope="session")
def hostile_report() -> Conformance:
    return hostile()
