"""Plays: the suite against this server with some switches, and what it accused the server of.

`python -m tests.independent.playing` plays every switch alone over ten seeds; `--mixed N` plays N random mixtures.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.independent.freedoms import Freedoms, Switch, is_advisory, recommendations_left_out, switches

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

TIMEOUT = 20
_USERS = {
    "CONTRACT_USERNAME": "user",
    "CONTRACT_PASSWORD": "pass",
    "CONTRACT_SECOND_USERNAME": "second",
    "CONTRACT_SECOND_PASSWORD": "pass2",
}
_SUITE = "import sys; from contract_tests.cli import main; sys.exit(main())"
_ACCUSING = {"violates", "blocked", "advises"}


@dataclass(frozen=True)
class Play:
    """What a run of the suite came to: its exit code, each cell that accuses, and the end of what it printed."""

    code: int
    accusations: tuple[str, ...]
    printed: str


def play(chosen: Sequence[Switch], seed: int, *, examples: int = 20, pytest: Sequence[str] = ()) -> Play:
    """Run the suite against a server with these switches, in processes of their own."""
    environment = {**os.environ, **_USERS}
    environment.pop("PYTEST_ADDOPTS", None)
    words = [word for one in chosen for word in ("--switch", str(one))]
    command = [sys.executable, "-m", "tests.independent", "--control", "--session-timeout", str(TIMEOUT), *words]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server,
    ):
        try:
            assert server.stdout is not None
            address = server.stdout.readline().strip()
            profile = Path(folder) / "profile.toml"
            profile.write_text("[second_user]\n", encoding="utf-8")
            reports = Path(folder) / "reports"
            options: list[object] = ["--target", address, "--reports", reports, "--profile", profile]
            options += ["--gate", "must"] if recommendations_left_out(chosen) else []
            options += ["--session-timeout", TIMEOUT, "--fuzz-examples", examples, "--seed", seed]
            ran = subprocess.run(
                [sys.executable, "-c", _SUITE, "run", *map(str, options), *pytest],
                capture_output=True,
                text=True,
                check=False,
                env=environment,
            )
            told = reports / "conformance.json"
            report = json.loads(told.read_text(encoding="utf-8")) if told.exists() else {"clauses": []}
            _keep(reports, chosen, seed)
        finally:
            server.kill()
    accusations = _accusations(
        report,
        advised=not any(is_advisory(one.name) for one in chosen),
        short_of=recommendations_left_out(chosen),
    )
    return Play(ran.returncode, tuple(accusations), ran.stdout[-6000:] + ran.stderr[-2000:])


def _keep(reports: Path, chosen: Sequence[Switch], seed: int) -> None:
    """Where INDEPENDENT_REPORTS names a folder, leave the reports there."""
    if (kept := os.environ.get("INDEPENDENT_REPORTS")) and reports.exists():
        reports.rename(Path(kept) / f"{'-'.join(map(str, chosen[:1])) or 'defaults'}-{seed}")


def _accusations(report: dict[str, Any], *, advised: bool, short_of: Collection[str]) -> Iterator[str]:
    for clause in report["clauses"]:
        if clause["id"] in short_of:
            continue
        for cell in clause["cells"]:
            if cell["verdict"] not in _ACCUSING:
                continue
            if cell["verdict"] == "advises" and not advised:
                continue
            name = f"{clause['id']} [{cell['dialect']}-{cell['service']}] {cell['verdict']}"
            yield f"{name}: {cell['reason'] or json.dumps(cell['flaws'])[:600]}"


def mixture(source: random.Random, share: float = 0.4, *, without: Sequence[str] = ()) -> list[Switch]:
    """A random server: each freedom is used with a probability of `share`."""
    return [
        Switch(one.name, source.choice(one.metadata["choices"][1:]))
        for one in fields(Freedoms)
        if source.random() < share and one.name not in without
    ]


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.independent.playing", description=__doc__)
    parser.add_argument("--mixed", type=int, default=0, metavar="N", help="play N mixtures instead")
    parser.add_argument("--seeds", type=int, default=10, metavar="N", help="how many seeds each switch is played with")
    parser.add_argument("--first-seed", type=int, default=1, metavar="S")
    parser.add_argument("--examples", type=int, default=20, metavar="N", help="--fuzz-examples of the suite")
    parser.add_argument("--share", type=float, default=0.4, metavar="P", help="of the freedoms, used by a mixture")
    parser.add_argument("--without", action="append", default=[], metavar="NAME", help="leave this freedom out")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="play this freedom alone")
    told = parser.parse_args()
    accused = 0
    seeds = range(told.first_seed, told.first_seed + told.seeds)
    if told.mixed:
        plays = [
            (mixture(random.Random(seed), told.share, without=told.without), seed)
            for seed in range(told.first_seed, told.first_seed + told.mixed)
        ]
    else:
        alone = [one for one in switches() if one.name not in told.without and (not told.only or one.name in told.only)]
        plays = [([one], seed) for one in alone for seed in seeds]
    for chosen, seed in plays:
        played = play(chosen, seed, examples=told.examples)
        accused += bool(played.code or played.accusations)
        _tell(f"seed {seed}, {' '.join(map(str, chosen))}: exit code {played.code}")
        for accusation in played.accusations:
            _tell(f"    {accusation}")
        if played.code and not played.accusations:
            _tell(played.printed)
    return 1 if accused else 0


if __name__ == "__main__":
    sys.exit(main())
