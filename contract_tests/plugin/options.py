"""The options of a run, and what they come to: the settings of its target, the tests that are chosen."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from dataclasses import replace
from functools import partial
from getpass import getpass
from pathlib import Path
from typing import Any, Final

import pytest

import contract_tests
from contract_tests.contract import Dialect
from contract_tests.driver import Settings, load_profile
from contract_tests.driver.recordings.opening import SCHEME
from contract_tests.judging import Gate
from contract_tests.plugin.spellings import ABOUT, add_option

DEFAULT_SEED: Final = 20261120
"""The same every day: a gate that was green is not red tomorrow by chance."""

PACKAGE = Path(contract_tests.__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("contract", ABOUT).addoption(
        "--contract", action="store_true", help="run the whole contract suite, unless tests are named"
    )
    add = partial(add_option, parser)
    add("--profile", type=Path, metavar="FILE", help="TOML file that describes the target; options here win over it")
    add("--target", metavar="URL", help="base address of the server, like https://vc.example (default: the mock)")
    add("--dialect", choices=[*map(str, Dialect), "all"], help="test one dialect only (default: what answers)")
    add(
        "--session-timeout",
        type=float,
        metavar="S",
        help="seconds that a session lives on this server unless it is kept alive (default: 300)",
    )
    add(
        "--max-wait",
        type=float,
        metavar="S",
        help="the most seconds that the run may wait in all, on a real clock (default: 0)",
    )
    add(
        "--gate",
        choices=[*map(str, Gate)],
        default=str(Gate.SHOULD),
        help="clauses of this level and above fail the run (default: should)",
    )
    add(
        "--seed",
        type=seed,
        default=DEFAULT_SEED,
        metavar="N",
        help=f"seed of all that is drawn at random (default: {DEFAULT_SEED}); `random` draws one, and prints it",
    )
    add(
        "--fuzz-examples",
        type=int,
        metavar="N",
        help="how many examples campaigns and random histories try, for each operation (default: 100)",
    )
    add("--ca-bundle", type=Path, metavar="FILE", help="PEM file of the CA that signed the server's certificate")
    add("--client-cert", type=Path, metavar="FILE", help="PEM file with the certificate of this client, and its key")
    add("--insecure", action="store_true", help="do not verify the server's TLS certificate")
    add("--datastore", metavar="ID", help="datastore for the run's library (default: the first one listed)")
    add(
        "--reports",
        type=Path,
        default=Path("reports"),
        metavar="DIR",
        help="where reports go (default: reports)",
    )
    add("--compress-evidence", action="store_true", help="write evidence.har.gz, compressed, and no evidence.har")
    add("--strict-deviations", action="store_true", help="fail where a deviation of the profile is not seen any more")
    add(
        "--write-deviations",
        type=Path,
        metavar="FILE",
        help="write a deviation for each cause of this run to a new file, for a profile; reasons are left to you",
    )
    add("--summary", type=Path, metavar="FILE", help="append a summary in Markdown to this file: $GITHUB_STEP_SUMMARY")


def seed(text: str) -> int:
    """A seed as it is given on the command line: a number, or `random` for one that nobody knows yet."""
    if text == "random":
        return secrets.randbits(32)
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no seed; give a whole number, or random") from None


def is_contract_run(config: pytest.Config) -> bool:
    """Whether tests of the suite are to run (and not, say, the project's own tests)."""
    if config.option.contract:
        return True
    paths = (argument.partition("::")[0] for argument in config.args)
    return any(path.startswith("contract_tests.") or Path(path).resolve().is_relative_to(PACKAGE) for path in paths)


def is_replay(option: Any) -> bool:
    """Whether a recording is to be judged again."""
    return str(option.contract_target or "").startswith(SCHEME)


def selection(config: pytest.Config) -> str:
    """Why not all tests are run, in the words of the command line; empty if all are."""
    option = config.option
    told = {"-k": option.keyword, "-m": option.markexpr, "--dialect": option.contract_dialect}
    words = [f"{name} {value}" for name, value in told.items() if value and value != "all"]
    words += [f"--clause {pattern}" for pattern in option.contract_clause]
    words += [f"--deselect {one}" for one in option.deselect or ()] + (["--lf"] if getattr(option, "lf", False) else [])
    if config.args_source is pytest.Config.ArgsSource.ARGS:
        words += [Path(argument).name for argument in config.args]
    return " ".join(words)


def settings_of(config: pytest.Config) -> Settings:
    """Put options, profile and environment together.

    Raises:
        UsageProblem: one of them says something that can't be.
    """
    option = config.option
    settings = Settings() if option.contract_profile is None else load_profile(option.contract_profile, os.environ)
    told = {
        "target": option.contract_target,
        "dialect": None if option.contract_dialect in {None, "all"} else Dialect(option.contract_dialect),
        "session_timeout": option.contract_session_timeout,
        "max_wait": option.contract_max_wait,
        "fuzz_examples": option.contract_fuzz_examples,
        "ca_bundle": option.contract_ca_bundle,
        "client_cert": option.contract_client_cert,
        "processes": int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")),
        "insecure": option.contract_insecure or None,
        "strict_deviations": option.contract_strict_deviations or None,
        "datastore": option.contract_datastore,
    }
    settings = replace(settings, **{name: value for name, value in told.items() if value is not None})
    if settings.target is None:
        return settings
    for name, ask in (("CONTRACT_USERNAME", input), ("CONTRACT_PASSWORD", getpass)):
        if not os.environ.get(name) and sys.stdin.isatty():
            # Asked for once; workers of pytest-xdist inherit the environment.
            os.environ[name] = ask(f"{name} for {settings.target}: ")
    return replace(
        settings,
        username=os.environ.get("CONTRACT_USERNAME", ""),
        password=os.environ.get("CONTRACT_PASSWORD", ""),
    )
