"""A run: the target that is opened at its start and closed at its end, and what is told of it."""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pytest_metadata.plugin import metadata_key

import contract_tests
from contract_tests.contract import Dialect, load_ledger, sha256
from contract_tests.driver import Settings, Target, open_target
from contract_tests.driver.journal import left_in
from contract_tests.driver.recordings.opening import open_recording
from contract_tests.judging import Gate, Record, Tally
from contract_tests.plugin.clauses import CHOSEN, choose_as_recorded
from contract_tests.plugin.crashes import crashes, surviving
from contract_tests.plugin.internals import require_selection
from contract_tests.plugin.options import PACKAGE, is_contract_run, is_replay, selection, settings_of
from contract_tests.plugin.redaction import REDACTOR
from contract_tests.plugin.spellings import PREFIX, taken
from contract_tests.plugin.waits import Waits
from contract_tests.problems import UsageProblem
from contract_tests.reporting.conformance import RunStart
from contract_tests.reporting.folder import CONFORMANCE, locked, new_id
from contract_tests.reporting.trust import trust_told
from contract_tests.texts import printable
from contract_tests.traffic.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from contract_tests.driver.transport.way import Way

TARGET = pytest.StashKey[Target]()
TALLY = pytest.StashKey[Tally]()
OCCASION = pytest.StashKey[RunStart]()
RUN = pytest.StashKey[str]()
"""The id of the run."""
WAITS = pytest.StashKey[Waits]()
_CLOSING = pytest.StashKey[ExitStack]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if not is_contract_run(config):
        return
    option = config.option
    if option.contract and config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args = [str(PACKAGE / room) for room in ("scenarios", "fuzz")]
    else:
        config.args[:] = map(_wherever_installed, config.args)
    if hasattr(config, "workerinput"):
        option.contract_seed = config.workerinput["seed"]
    option.contract_gate = Gate(option.contract_gate)
    if option.collectonly:
        return  # nothing will be run, so there is nothing to report
    if not hasattr(config, "workerinput"):
        try:
            require_selection(config)
        except pytest.UsageError as problem:
            raise pytest.UsageError(printable(f"{problem}{earlier(option)}")) from None
        config.stash[RUN] = new_id()
        _require_folder(option.contract_reports)
        _lock_folder(config)
    # Where pytest-html and JUnit are not told otherwise, they write where all reports go.
    if not config.getoption("htmlpath", None):
        option.htmlpath = str(option.contract_reports / "report.html")
    option.self_contained_html = True  # the page's policy lets it load nothing
    if not config.getoption("xmlpath", None):
        option.xmlpath = str(option.contract_reports / "junit.xml")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    config = node.config
    node.workerinput["seed"] = config.option.contract_seed
    if TARGET in config.stash:
        node.workerinput["run"] = f"{config.stash[TARGET].workspace.run}-{node.gateway.id}"


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    config = session.config
    if not is_contract_run(config):
        return
    try:
        _require_appendable(config.option.contract_summary)
        _require_new(config.option.contract_write_deviations)
        if is_replay(config.option):
            target = _open_recording(config)
        else:
            settings = settings_of(config)
            if config.option.collectonly:
                dialects = (settings.dialect,) if settings.dialect else tuple(Dialect)
            else:
                stack = ExitStack()
                run = getattr(config, "workerinput", {}).get("run")
                redact = config.stash[REDACTOR] = _redactor(settings)
                target = stack.enter_context(
                    open_target(settings, _announcer(config), run, redact, config.option.contract_reports)
                )
                config.stash[WAITS].sessions = lambda: target.workspace.sessions
                config.stash[_CLOSING] = stack
                config.add_cleanup(stack.close)  # where pytest never gets to its end; else there is nothing left to do
        if not config.option.collectonly or is_replay(config.option):
            dialects = target.facts.dialects
            config.stash[TARGET], config.stash[REDACTOR] = target, target.recorder.redact
            config.stash[OCCASION] = replace(
                RunStart.of(
                    target,
                    config.option.contract_seed,
                    config.option.contract_gate,
                    selection(config),
                    config.stash.get(RUN, ""),
                ),
                clauses=config.stash[CHOSEN],
            )
            if not hasattr(config, "workerinput"):
                _tell(config, _environment(config, target))
    except UsageProblem as problem:
        raise pytest.UsageError(printable(f"{problem}{earlier(config.option)}")) from None
    config.stash[TALLY] = Tally(load_ledger(), dialects)


def _wherever_installed(argument: str) -> str:
    """A path in this package that is given as in a checkout (`contract_tests/fuzz`), wherever the package lies."""
    path = Path(argument.partition("::")[0])
    is_ours = path.parts[:1] == (PACKAGE.name,) and not path.exists() and (PACKAGE.parent / path).exists()
    return str(PACKAGE.parent / argument) if is_ours else argument


def earlier(option: Any) -> str:
    """Where reports of an earlier run lie, that somebody could take for those of the one that never began."""
    left = option.contract_reports / CONFORMANCE
    return f"; {left} is that of an earlier run" if left.exists() and not option.collectonly else ""


def _open_recording(config: pytest.Config) -> Target:
    """Open the recording, and set what decides about verdicts as it was set then.

    Raises:
        UsageProblem: it can't be read, or more than one process is to work on it.
    """
    if config.getoption("numprocesses", None) or hasattr(config, "workerinput"):
        raise UsageProblem("a recording is judged by one process; leave -n out")
    target, recording = open_recording(config.option.contract_target)
    config.option.contract_seed = recording.settings["seed"]
    config.option.contract_gate = Gate(recording.settings["gate"])
    choose_as_recorded(config, recording.settings.get("clauses", ()))
    return target


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
    return header_lines(config)


def header_lines(config: pytest.Config) -> list[str]:
    """What is told of a run before its first test: target, settings, and what an earlier one has left."""
    if TARGET not in config.stash or hasattr(config, "workerinput"):
        return []
    facts = {name: printable(str(value)) for name, value in config.stash[metadata_key].items()}
    folder = config.option.contract_reports
    short = taken(config)
    others = f"contract: other plugins have {', '.join(short)} here; the suite's begin with {PREFIX}"
    return [
        *(
            f"contract: {printable(one.run)} of {one.began} was never cleaned up on {printable(one.target)}: "
            f"cl-contract sweep --reports {folder}"
            for one in left_in(folder)
        ),
        *([others] if short else []),
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
    stack, folder = ExitStack(), config.option.contract_reports
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


def _require_new(path: Path | None) -> None:
    """Raise UsageProblem where deviations were written over something: a profile, say."""
    if path is not None and path.exists():
        raise UsageProblem(f"--write-deviations {path} is there already; name a new file")


def _tell(config: pytest.Config, facts: Mapping[str, str]) -> None:
    """Have report.html and junit.xml say in which circumstances the run was made."""
    config.stash[metadata_key].update(facts)
    for plugin in config.pluginmanager.get_plugins():
        if hasattr(plugin, "add_global_property"):  # JUnit's
            for name, value in facts.items():
                plugin.add_global_property(name, value)


def _by_way_of(way: Way) -> str:
    """How a target is reached that is not reached directly; never in words that hold a secret."""
    parts = [f"by way of the proxy {way.proxy.shown}"] if way.proxy is not None else []
    if way.headers:
        parts.append(f"with {', '.join(name for name, _ in way.headers)} for a gateway")
    return f" {' '.join(parts)}" if parts else ""


def _environment(config: pytest.Config, target: Target) -> dict[str, str]:
    return {
        "Target": (target.settings.target or "embedded mock") + _by_way_of(target.access.anonymous.way),
        "Target says it is": target.facts.version,
        "TLS": trust_told(config.stash[OCCASION].target),
        "Dialects": ", ".join(target.facts.dialects),
        "Session timeout": f"{target.settings.session_timeout:g} s",
        "Clock": "real" if target.clock.is_real else "virtual (the mock's control door)",
        "Gate": str(config.option.contract_gate),
        "Seed": str(config.option.contract_seed),
        "Suite": f"cl-contract {contract_tests.__version__}",
        "Contract": f"sha256 {sha256()}",
    }


def _announcer(config: pytest.Config) -> Callable[[float], None]:
    waits = config.stash[WAITS] = Waits()

    def announce(seconds: float) -> None:
        waits.begin(seconds)
        if seconds < 3:
            return  # nobody wonders yet
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.write_line(f"\nwaiting {seconds:.0f} s on a real clock")

    return announce
