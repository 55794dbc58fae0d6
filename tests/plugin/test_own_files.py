"""What is in the files of a user goes to the target and into no report."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING

from contract_tests.mock import MockServer, Parts
from contract_tests.mock.domain.transfers import Uploads

from .runs import files
from .test_verify import verified

if TYPE_CHECKING:
    from pathlib import Path

    from contract_tests.mock.domain.content import Content

    from .runs import Runner

CONTENT = b'<Envelope xmlns="private"><Key>of nobody else\xff</Key></Envelope>'


def test_evidence_has_name_size_and_digest(run: Runner, tmp_path: Path) -> None:
    (tmp_path / "own.ovf").write_bytes(CONTENT)
    profile = tmp_path / "target.toml"
    came: list[bytes] = []

    class Taking(Uploads):
        def receive(self, key: str, name: str, content: Content) -> None:
            came.append(bytes(content))
            super().receive(key, name, content)

    with MockServer(control=False, parts=Parts(uploads=Taking)) as server:
        profile.write_text(
            f'target = "{server.url}"\n[warning_content]\nfiles = ["own.ovf"]\nwarning = "UNTRUSTED_CERTIFICATE"\n'
        )
        finished = run("--profile", str(profile), "-k", "given_at_creation and api-update", "-vv", "-l")
    assert finished.code in (0, 1)
    assert CONTENT in came
    digest = hashlib.sha256(CONTENT).hexdigest()
    texts = {path.name: path.read_text() for path in files(finished.reports)} | {"out": finished.out + finished.err}
    for spelling in ("of nobody else", base64.b64encode(CONTENT).decode(), base64.b64encode(CONTENT[:30]).decode()):
        assert [name for name, text in texts.items() if spelling in text] == []
    log = json.loads(texts["evidence.har"])["log"]
    told = json.loads(log["comment"])["settings"]["warning_files"]
    assert told == [{"name": "own.ovf", "size": len(CONTENT), "sha256": digest}]
    sent = [entry["request"]["postData"]["text"] for entry in log["entries"] if entry["request"]["method"] == "PUT"]
    assert f"<{len(CONTENT)} bytes of the file own.ovf, SHA-256 {digest}>" in sent
    again = verified(run)
    assert (again.code, again.err) == (0, "")
    assert "the same verdicts come out" in again.out
