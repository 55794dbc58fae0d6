"""A run: its options, and the target that is opened at its start and closed at its end."""

from __future__ import annotations

import json
import os
import secrets
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from pytest_metadata.plugin import metadata_key

import contract_tests
from contract_tests.contract import Dialect, load_ledger, sha256
from contract_tests.driver import Settings, Target, load_profile, open_target
from contract_tests.driver.recordings.opening import SCHEME, open_recording
from contract_tests.judging import Gate, Record, Tally
from contract_tests.plugin.crashes import crashes, surviving
from contract_tests.plugin.redaction import REDACTOR
from contract_tests.problems import UsageProblem, printable
from contract_tests.reporting.conformance import RunStart
from contract_tests.reporting.folder import CONFORMANCE, locked, new_id
from contract_tests.reporting.trust import trust_told
from contract_tests.traffic.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DEFAULT_SEED: Final = 20261120
"""The same every day: a gate that was green is not red tomorrow by chance."""

PACKAGE = Path(contract_tests.__file__).parent

TARGET = pytest.StashKey[Target]()
TALLY = pytest.StashKey[Tally]()
OCCASION = pytest.StashKey[RunStart]()
RUN = pytest.StashKey[str]()
"""The id of the run."""
_CLOSING = pytest.StashKey[ExitStack]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract", "contract of the Content Library session API")
    add = group.addoption
    add("--contract", action="store_true", help="run the whole contract suite, unless tests are named")
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
    add("--insecure", action="store_true", help="do not verify the server's TLS certificate")
    add("--datastore", metavar="ID", help="datastore for the run's library (default: the first one listed)")
    add(
        "--reports",
        type=Path,
        default=Path("reports"),
        metavar="DIR",
        help="where reports go (default: reports)",
    )
    add("--summary", type=Path, metavar="FILE", help="append a summary in Markdown to this file: $GITHUB_STEP_SUMMARY")


def seed(text: str) -> int:
    """A seed as it is given on the command line: a number, or `random` for one that nobody knows yet."""
    return secrets.randbits(32) if text == "random" else int(text)


def is_contract_run(config: pytest.Config) -> bool:
    """Whether tests of the suite are to run (and not, say, the project's own tests)."""
    if config.option.contract:
        return True
    paths = (argument.partition("::")[0] for argument in config.args)
    return any(path.startswith("contract_tests.") or Path(path).resolve().is_relative_to(PACKAGE) for path in paths)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if not is_contract_run(config):
        return
    option = config.option
    if option.contract and config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args = [str(PACKAGE / room) for room in ("scenarios", "fuzz")]
    if hasattr(config, "workerinput"):
        option.seed = config.workerinput["seed"]
    option.gate = Gate(option.gate)
    if option.collectonly:
        return  # nothing will be run, so there is nothing to report
    if not hasattr(config, "workerinput"):
        config.stash[RUN] = new_id()
        _require_folder(option.reports)
        _lock_folder(config)
    # Where pytest-html and JUnit are not told otherwise, they write where all reports go.
    if not config.getoption("htmlpath", None):
        option.htmlpath = str(option.reports / "report.html")
    option.self_contained_html = True  # the page's policy lets it load nothing
    if not config.getoption("xmlpath", None):
        option.xmlpath = str(option.reports / "junit.xml")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    config = node.config
    node.workerinput["seed"] = config.option.seed
    if TARGET in config.stash:
        node.workerinput["run"] = f"{config.stash[TARGET].workspace.run}-{node.gateway.id}"


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    config = session.config
    if not is_contract_run(config):
        return
    try:
        _require_appendable(config.option.summary)
        if is_replay(config.option):
            target = _open_recording(config)
        else:
            settings = _settings(config)
            if config.option.collectonly:
                dialects = (settings.dialect,) if settings.dialect else tuple(Dialect)
            else:
                stack = ExitStack()
                run = getattr(config, "workerinput", {}).get("run")
                redact = config.stash[REDACTOR] = _redactor(settings)
                target = stack.enter_context(open_target(settings, _announcer(config), run, redact))
                config.stash[_CLOSING] = stack
                config.add_cleanup(stack.close)  # where pytest never gets to its end; else there is nothing left to do
        if not config.option.collectonly or is_replay(config.option):
            dialects = target.facts.dialects
            config.stash[TARGET], config.stash[REDACTOR] = target, target.recorder.redact
            config.stash[OCCASION] = RunStart.of(
                target, config.option.seed, config.option.gate, selection(config), config.stash.get(RUN, "")
            )
            if not hasattr(config, "workerinput"):
                _tell(config, _environment(config, target))
    except UsageProblem as problem:
        raise pytest.UsageError(printable(f"{problem}{_earlier(config.option)}")) from None
    config.stash[TALLY] = Tally(load_ledger(), dialects)


def _earlier(option: Any) -> str:
    """Where reports of an earlier run lie, that somebody could take for those of the one that never began."""
    left = option.reports / CONFORMANCE
    return f"; {left} is that of an earlier run" if left.exists() and not option.collectonly else ""


def is_replay(option: Any) -> bool:
    """Whether a recording is to be judged again."""
    return str(option.target or "").startswith(SCHEME)


def _open_recording(config: pytest.Config) -> Target:
    """Open the recording, and set what decides about verdicts as it was set then.

    Raises:
        UsageProblem: it can't be read, or more than one process is to work on it.
    """
    if config.getoption("numprocesses", None) or hasattr(config, "workerinput"):
        raise UsageProblem("a recording is judged by one process; leave -n out")
    target, recording = open_recording(config.option.target)
    config.option.seed, config.option.gate = recording.settings["seed"], Gate(recording.settings["gate"])
    return target


def selection(config: pytest.Config) -> str:
    """Why not all tests are run, in the words of the command line; empty if all are."""
    option = config.option
    told = {"-k": option.keyword, "-m": option.markexpr, "--dialect": option.dialect}
    words = [f"{name} {value}" for name, value in told.items() if value and value != "all"]
    words += [f"--deselect {one}" for one in option.deselect or ()] + (["--lf"] if getattr(option, "lf", False) else [])
    if config.args_source is pytest.Config.ArgsSource.ARGS:
        words += [Path(argument).name for argument in config.args]
    return " ".join(words)


def pytest_sessionfinish(session: pytest.Session) -> None:
    close(session.config)


def close(config: pytest.Config) -> None:
    """Clean up the target; what is left on it is told. Closing twice is no mistake."""
    stack = config.stash.get(_CLOSING, None)
    if stack is None:
        return
    del config.stash[_CLOSING]
    with surviving(config):
        stack.close()
    target, tally = config.stash[TARGET], config.stash[TALLY]
    left = [str(leftover) for leftover in target.left]
    kept = Record((), (), (), {name: play.kept() for name, play in target.recorder.plays.items()})
    waited_out = int(target.recorder.courtesy.is_used_up)
    if hasattr(config, "workeroutput"):
        config.workeroutput |= {
            "left": left,
            "beside": json.dumps(kept.as_data()),
            "crashes": crashes(config),
            "waited out": waited_out,
        }
    else:
        tally.left += left
        tally.waited_out += waited_out
        tally.beside(kept.plays)


def pytest_report_header(config: pytest.Config) -> list[str]:
    if TARGET not in config.stash or hasattr(config, "workerinput"):
        return []
    facts = {name: printable(str(value)) for name, value in config.stash[metadata_key].items()}
    return [
        f"contract: {facts['Target']} ({facts['Target says it is']}), dialects {facts['Dialects']}, {facts['TLS']}",
        f"contract: session timeout {facts['Session timeout']}, clock {facts['Clock']}",
        f"contract: gate {facts['Gate']}, seed {facts['Seed']}, {facts['Suite']}, {facts['Contract'][:19]}…",
    ]


def _require_folder(folder: Path) -> None:
    """Raise UsageError, before any test has run, where no report could be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as problem:
        raise pytest.UsageError(f"--reports {folder} can't be used: {problem.strerror or problem}") from None


def _lock_folder(config: pytest.Config) -> None:
    """Have the folder for this run alone until all is written, or raise UsageError, which says whose it is."""
    stack, folder = ExitStack(), config.option.reports
    try:
        stack.enter_context(locked(folder, f"run {config.stash[RUN]}"))
    except UsageProblem as problem:
        raise pytest.UsageError(f"--reports {folder} can't be used: {problem}") from None
    except OSError as problem:
        raise pytest.UsageError(f"--reports {folder} can't be used: {problem.strerror or problem}") from None
    config.add_cleanup(stack.close)


def _redactor(settings: Settings) -> Redactor:
    """Knows the passwords before they are used; tokens are learnt when they are given out."""
    redact = Redactor()
    for _, password in ((settings.username, settings.password), *filter(None, [settings.second_user])):
        redact.learn("password", password)
    return redact


def _require_appendable(path: Path | None) -> None:
    """Raise UsageProblem, before any test has run, where the summary could not be written in the end."""
    if path is not None:
        try:
            path.open("a", encoding="utf-8").close()
        except OSError as problem:
            raise UsageProblem(f"--summary {path} can't be written: {problem.strerror}") from None


def _settings(config: pytest.Config) -> Settings:
    """Put options, profile and environment together.

    Raises:
        UsageProblem: one of them says something that can't be.
    """
    option = config.option
    settings = Settings() if option.profile is None else load_profile(option.profile, os.environ)
    told = {
        "target": option.target,
        "dialect": None if option.dialect in {None, "all"} else Dialect(option.dialect),
        "session_timeout": option.session_timeout,
        "max_wait": option.max_wait,
        "fuzz_examples": option.fuzz_examples,
        "ca_bundle": option.ca_bundle,
        "insecure": option.insecure or None,
        "datastore": option.datastore,
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


def _tell(config: pytest.Config, facts: Mapping[str, str]) -> None:
    """Have report.html and junit.xml say in which circumstances the run was made."""
    config.stash[metadata_key].update(facts)
    for plugin in config.pluginmanager.get_plugins():
        if hasattr(plugin, "add_global_property"):  # JUnit's
            for name, value in facts.items():
                plugin.add_global_property(name, value)


def _environment(config: pytest.Config, target: Target) -> dict[str, str]:
    return {
        "Target": target.settings.target or "embedded mock",
        "Target says it is": target.facts.version,
        "TLS": trust_told(config.stash[OCCASION].target),
        "Dialects": ", ".join(target.facts.dialects),
        "Session timeout": f"{target.settings.session_timeout:g} s",
        "Clock": "real" if target.clock.is_real else "virtual (the mock's control door)",
        "Gate": str(config.option.gate),
        "Seed": str(config.option.seed),
        "Suite": f"cl-contract {contract_tests.__version__}",
        "Contract": f"sha256 {sha256()}",
    }


def _announcer(config: pytest.Config) -> Callable[[float], None]:
    def announce(seconds: float) -> None:
        if seconds < 3:
            return  # nobody wonders yet
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.write_line(f"\nwaiting {seconds:.0f} s on a real clock")

    return announce
