from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest

from contract_tests.contract import DEFAULT_TIMEOUT
from contract_tests.driver import Settings
from contract_tests.problems import UsageProblem


@pytest.mark.parametrize(
    "target",
    [
        "https://vc.example",
        "http://127.0.0.1:8080/",
        "HTTPS://VC.example:8443",
        "http://[::1]:80",
        "http://localhost",
        None,
    ],
)
def test_a_base_address_is_taken(target: str | None) -> None:
    settings = Settings(target=target)
    assert (settings.target, settings.session_timeout) == (target, DEFAULT_TIMEOUT)


@pytest.mark.parametrize(
    "target",
    [
        "",
        "vc.example",
        "vc.example:443",
        "ftp://vc.example",
        "https://",
        "http:///x",
        "http://[::1",
        "http://h:port",
        "http://h:99999999",
        "http://h:0",
        "http://☃.example",
        "http://xn--/",
        "http://a b/",
        "http://h/\x00",
        "//h",
    ],
)
def test_what_is_no_base_address_is_told_in_a_sentence(target: str) -> None:
    with pytest.raises(
        UsageProblem, match=r"^--target .* is no base address; give something like https://vc\.example$"
    ):
        Settings(target=target)


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("https://vc.example/api", "has a path of the API in it; give what comes before /api, like https://vc.example"),
        ("https://gw/vc1/rest/com", "has a path of the API in it; give what comes before /rest, like https://gw/vc1"),
        ("https://vc.example/a?x=y", "has a query; give the address of the server alone, like https://vc.example/a"),
        ("https://vc.example#top", "has a query; give the address of the server alone, like https://vc.example"),
    ],
)
def test_what_is_behind_the_base_address_is_too_much(target: str, sentence: str) -> None:
    with pytest.raises(UsageProblem) as told:
        Settings(target=target)
    assert str(told.value).endswith(sentence)


def test_a_gateway_may_have_a_path_of_its_own() -> None:
    assert Settings(target="https://gw.example/vc1/").target == "https://gw.example/vc1/"
    assert Settings(target="https://gw.example/apis/rest-of-it").target


@pytest.mark.parametrize(
    "target", ["https://me:hunter2@vc.example/api", "ftp://me:hunter2@h", "https://me@h", "me:hunter2@h"]
)
def test_a_password_in_the_address_is_refused_and_not_repeated(target: str) -> None:
    with pytest.raises(UsageProblem, match="CONTRACT_PASSWORD") as problem:
        Settings(target=target)
    assert "hunter2" not in str(problem.value)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"session_timeout": 0}, "--session-timeout 0 can't be judged; give the lifetime that the server is"),
        ({"session_timeout": float("nan")}, "--session-timeout nan can't be judged"),
        ({"session_timeout": float("inf")}, "--session-timeout inf can't be judged"),
        ({"max_wait": -1}, "--max-wait -1 is not possible; give a number of seconds, 0 or more"),
        ({"max_wait": float("nan")}, "--max-wait nan is not possible"),
        ({"max_wait": float("inf")}, "--max-wait inf is not possible"),
        ({"insecure": True, "ca_bundle": Path("x")}, "--insecure and --ca-bundle contradict each other"),
        ({"fuzz_examples": 0}, "--fuzz-examples 0 is not possible; give a number, 1 or more"),
        ({"username": "a:b"}, "the user name holds a colon"),
        ({"password": "\udcff"}, "is no text in UTF-8"),
        ({"second_user": ("a:b", "")}, "the user name holds a colon"),
        ({"second_user": ("a", "\udcff")}, "is no text in UTF-8"),
    ],
)
def test_what_can_not_be_is_told_in_a_sentence(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageProblem) as problem:
        Settings(**options)
    assert sentence in str(problem.value)
    assert "\n" not in str(problem.value)


def test_secrets_are_in_no_representation() -> None:
    text = repr(Settings(username="me", password="hunter2", second_user=("you", "hunter3")))
    assert "hunter" not in text
    assert "'me'" not in text


def test_trust_verifies_by_default() -> None:
    trust = Settings().trust()
    assert (trust.verify_mode, trust.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_insecure_verifies_nothing() -> None:
    trust = Settings(insecure=True).trust()
    assert (trust.verify_mode, trust.check_hostname) == (ssl.CERT_NONE, False)


@pytest.mark.parametrize(
    "content", [None, "", "no certificate", "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----"]
)
def test_a_bundle_that_can_not_be_used_is_told_in_a_sentence(content: str | None, tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    if content is not None:
        bundle.write_text(content)
    with pytest.raises(
        UsageProblem, match=r"^--ca-bundle .*ca\.pem can't be used: .*; give a file of PEM certificates$"
    ):
        Settings(ca_bundle=bundle).trust()
