"""The linters of others have nothing to say of the documents, by the strictest rules that they recommend."""

from __future__ import annotations

import pytest

from contract_tests.contract.documents import openapi_dir
from contract_tests.contract.words import Dialect

from .tools import HERE, from_npm, run

both = pytest.mark.parametrize("dialect", Dialect)


@both
def test_redocly_is_content(dialect: Dialect) -> None:
    run(from_npm("redocly"), "lint", "--extends=recommended-strict", openapi_dir() / f"{dialect}.yaml")


@both
def test_spectral_is_content(dialect: Dialect) -> None:
    rules = HERE / "spectral.yaml"
    run(from_npm("spectral"), "lint", "--fail-severity=hint", "--ruleset", rules, openapi_dir() / f"{dialect}.yaml")
