"""What a run tells: the exchanges of report.html, properties in JUnit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from pytest_metadata.plugin import metadata_key

from contract_tests.contract import load_ledger
from contract_tests.judging import Record, Tally
from contract_tests.judging.verdicts import verdict_of
from contract_tests.plugin.collection import cited, parameters
from contract_tests.plugin.crashes import crashes, surviving
from contract_tests.plugin.distribution import end_workers
from contract_tests.plugin.hygiene import cleaned
from contract_tests.plugin.performing import RECORD
from contract_tests.plugin.run import RUN, TALLY, TARGET, close
from contract_tests.plugin.writing import LOST, is_whole
from contract_tests.reporting.views.rows import trace_html
from contract_tests.reporting.views.terminal import total_line

if TYPE_CHECKING:
    from collections.abc import Generator


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    clauses = cited(item)
    if not clauses:
        return report
    # What is put on a report travels from pytest-xdist's workers with it; one text does so much faster than a tree.
    told: dict[str, Any] = {"clauses": [(clause.id, str(clause.level)) for clause in clauses]}
    if call.when == "call" and RECORD in item.stash:
        record = cleaned(item.config, item.stash[RECORD])
        told["contract"] = json.dumps(record.as_data())
        # JUnit takes the properties from the report of the teardown, which is made from those of the item.
        item.user_properties += [("cell", str(parameters(item)["cell"]))]
        verdicts = {
            (f"clause {decision.clause.id}", str(verdict_of(decision.clause.level, [decision.outcome]))): None
            for decision in record.decisions
        }
        item.user_properties += verdicts
        told["trace"] = trace_html(record)
    vars(report).update(told)
    return report


class Reporter:
    """Gathers the records of all tests, those of pytest-xdist's workers too, where the reports are written."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._workers: list[Any] = []

    @property
    def tally(self) -> Tally | None:
        return self._config.stash.get(TALLY, None)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self.tally is None:
            return
        if report.when == "call" or not report.passed:
            self.tally.ended[report.outcome if report.when == "call" else "error"] += 1
        node = getattr(report, "node", None)
        lane = "" if node is None else str(node.gateway.id)
        if report.when == "call":
            self.tally.lanes[report.nodeid] = lane  # what decides no clause may fail the run, too
        data = getattr(report, "contract", None)
        if data is not None:
            self.tally.add(report.nodeid, Record.from_data(json.loads(data), load_ledger()), lane)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        self._workers.append(node)

    def _hear_workers(self, *, early: bool) -> None:
        """Take in what each worker has told at its end, also where nobody listened any more, as after Ctrl-C.

        One that was ended before it could tell anything may have left what it made: it is cleaned up after.
        """
        if self.tally is None or not self._workers or not end_workers(self._config, self._workers, early=early):
            return
        target = self._config.stash[TARGET]
        for node in self._workers:
            told = getattr(node, "workeroutput", None) or {}
            crashes(self._config).extend(told.get("crashes", ()))
            if "beside" not in told:
                self._config.stash.setdefault(LOST, []).append(str(node.gateway.id))
            if "beside" in told:
                self.tally.left += told["left"]
                self.tally.waited_out += told["waited out"]
                kept = Record.from_data(json.loads(told["beside"]), load_ledger())
                self.tally.beside(kept.plays, str(node.gateway.id))
            elif target.settings.target is not None and "run" in node.workerinput:
                self.tally.left += map(str, target.workspace.removal.of_run(node.workerinput["run"]))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> Generator[None]:
        # pytest-html writes its page in this hook: what it shows has to be known before, and the target closed.
        with surviving(self._config):
            self._hear_workers(early=exitstatus == pytest.ExitCode.INTERRUPTED)
        with surviving(self._config):
            close(self._config)
        if self.tally is not None:
            # Here, since what workers say of themselves has taken the place of what was put there before.
            self._config.stash[metadata_key]["Run"] = self._config.stash.get(RUN, "")
            self._config.stash[metadata_key]["Ledger"] = total_line(self.tally)
            self._config.stash[metadata_key]["Left on the target"] = "; ".join(self.tally.left) or "nothing"
            self._config.stash[metadata_key]["Complete"] = "yes" if is_whole(session, exitstatus) else "no"
        yield


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Reporter(config), "contract-reporter")
