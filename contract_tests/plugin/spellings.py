"""How the suite's options are spelt beside those of other plugins: `--contract-NAME`, and `--NAME` where that is free.

A short spelling that another plugin has is that plugin's. Values are kept as `contract_NAME`, which nobody else uses.
`cl-contract run` loads this plugin first, and no other plugin unasked: there the short ones are all the suite's.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Final

from contract_tests.plugin.internals import option_destinations

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

PREFIX: Final = "--contract-"
ABOUT: Final = f"contract of the Content Library session API (each --NAME here is {PREFIX}NAME, too)"


def add_option(parser: pytest.Parser, name: str, **about: Any) -> None:
    """Add an option of the suite in those of its spellings that no other plugin has."""
    group = parser.getgroup("contract", ABOUT)
    own = name.replace("--", PREFIX, 1)
    about["dest"] = own.strip("-").replace("-", "_")
    try:
        group.addoption(name, **about)
    except (ValueError, argparse.ArgumentError):  # its own group's, or another's
        group.addoption(own, **about)
    else:
        group.addoption(own, **about | {"help": argparse.SUPPRESS})


def taken(config: pytest.Config) -> Sequence[str]:
    """The short spellings that are other plugins' here."""
    kept = option_destinations(config)
    ours = {name.replace(PREFIX, "--", 1): place for name, place in kept.items() if name.startswith(PREFIX)}
    return [name for name, place in ours.items() if kept[name] != place]
