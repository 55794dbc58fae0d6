"""cl-contract mock: the mock server, alone."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from contract_tests import mock
from contract_tests.cli.faults import named_faults
from contract_tests.cli.parser import USAGE, Parser, problem_line
from contract_tests.cli.printing import whole_output
from contract_tests.contract import DEFAULT_TIMEOUT
from contract_tests.faults.catalogue import with_all
from contract_tests.problems import UsageProblem

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

_YEAR = 366 * 86_400.0
_IDLE = 1800.0  # seconds; half an hour, as in vCenter Server

_DESCRIPTION = (
    "A server of the API for tests of clients. The first line of its output is its address; user and password follow. "
    "Ctrl-C ends it."
)


def _parser() -> Parser:
    parser = Parser(prog="cl-contract mock", description=_DESCRIPTION)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: a free one)")
    user = mock.DEFAULT_USER
    parser.add_argument("--username", metavar="NAME", default=user.name, help="who may log in (default: %(default)s)")
    parser.add_argument(
        "--password", metavar="TEXT", default=user.password, help="with which password (default: %(default)s)"
    )
    parser.add_argument(
        "--session-timeout",
        type=float,
        metavar="S",
        help="seconds that a session lives unless it is kept alive (default: 300, or what a fault needs)",
    )
    parser.add_argument(
        "--login-timeout",
        type=float,
        metavar="S",
        help="seconds without a request after which a login ends (default: 1800; with --control: never, as a test "
        "that moves the clock would be logged out)",
    )
    parser.add_argument(
        "--login-lifetime",
        type=float,
        metavar="S",
        help="seconds after which a login ends, however much it is used (default: never)",
    )
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME[,NAME]",
        help="be wrong on purpose, as `cl-contract faults` lists it; may be given several times",
    )
    parser.add_argument(
        "--tls",
        action="store_true",
        help="speak TLS, with a certificate made on the spot; what clients have to trust is printed",
    )
    parser.add_argument(
        "--save-ca", type=Path, metavar="FILE", help="write the certificate that clients have to trust; implies --tls"
    )
    parser.add_argument(
        "--cert", type=Path, metavar="FILE", help="speak TLS with this certificate, in PEM form, with those above it"
    )
    parser.add_argument("--key", type=Path, metavar="FILE", help="the key of --cert, in PEM form, without a password")
    parser.add_argument(
        "--control",
        action="store_true",
        help=f"open /_control, where clients that send {mock.CONTROL_HEADER}: {mock.CONTROL_KEY} can move the clock",
    )
    parser.add_argument(
        "--store",
        type=Path,
        metavar="DIR",
        help="folder for content of files that is too large for memory (default: only its size and digests are kept, "
        "and it can not be downloaded again); what is in it goes when the mock ends",
    )
    parser.add_argument(
        "--content-limit",
        type=int,
        default=mock.MockSettings.content_limit,
        metavar="BYTES",
        help="the most bytes of one file (default: %(default)s, 10 GiB)",
    )
    parser.add_argument(
        "--preview-seconds",
        type=float,
        default=mock.MockSettings.preview_seconds,
        metavar="S",
        help="seconds from the last byte of an OVF descriptor until its preview is AVAILABLE (default: %(default)s)",
    )
    parser.add_argument(
        "--other-previews",
        choices=("UNAVAILABLE", "NOT_APPLICABLE"),
        default="UNAVAILABLE",
        help="the state of the preview where no file is an OVF descriptor (default: %(default)s)",
    )
    return parser


def _checked(parser: Parser, options: Namespace) -> None:
    """End where the options are impossible, and put in the place of what was not given what that stands for."""
    _check_access(parser, options)
    try:
        faults = named_faults(options.fault)
        options.parts = with_all(faults)
    except UsageProblem as problem:
        parser.error(str(problem))
    if options.session_timeout is None:
        options.session_timeout = min([fault.timeout for fault in faults], default=DEFAULT_TIMEOUT)
    if not 0 < options.session_timeout <= _YEAR:
        parser.error(_no_time("--session-timeout", options.session_timeout))
    if options.content_limit < 0:
        parser.error(f"--content-limit {options.content_limit} is not possible; give a number of bytes")
    if not 0 <= options.preview_seconds <= _YEAR:
        text = f"--preview-seconds {options.preview_seconds:g} is not possible; give seconds from 0, a year at most"
        parser.error(text)
    if options.login_timeout is None:
        options.login_timeout = None if options.control else _IDLE
    elif not 0 < options.login_timeout <= _YEAR:
        parser.error(_no_time("--login-timeout", options.login_timeout))
    if options.login_lifetime is not None and not 0 < options.login_lifetime <= _YEAR:
        parser.error(_no_time("--login-lifetime", options.login_lifetime))
    _check_certificates(parser, options)


def _check_access(parser: Parser, options: Namespace) -> None:
    if options.port not in range(65536):
        parser.error(f"--port {options.port} is not possible; give a number from 0 to 65535")
    if ":" in options.username:
        parser.error(f"--username {options.username} is not possible; a name to log in with has no colon")


def main(arguments: Sequence[str]) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    _checked(parser, options)
    with whole_output():  # of its address, which is all that it writes
        try:
            return mock.run(
                lambda server: _told(server, options),
                host=options.host,
                port=options.port,
                username=options.username,
                password=options.password,
                session_timeout=options.session_timeout,
                login_timeout=options.login_timeout,
                login_lifetime=options.login_lifetime,
                control=options.control,
                store=options.store,
                content_limit=options.content_limit,
                preview_seconds=options.preview_seconds,
                other_previews=options.other_previews,
                tls=_tls(options),
                parts=options.parts,
            )
        except (mock.CannotListen, mock.CannotStore, mock.UnusableCertificate, UsageProblem) as problem:
            sys.stderr.write(problem_line(parser.prog, str(problem)))
            return USAGE


def _check_certificates(parser: Parser, options: Namespace) -> None:
    if (options.cert is None) != (options.key is None):
        parser.error("a certificate and its key come together; give both --cert and --key")
    if options.save_ca is not None and options.cert is not None:
        parser.error("--save-ca is of a certificate that the mock makes; leave it out, or --cert and --key")


def _tls(options: Namespace) -> bool | mock.ServerCertificate:
    if options.cert is not None:
        return mock.read_certificate(options.cert, options.key)
    return bool(options.tls or options.save_ca is not None)


def _told(server: mock.MockServer, options: Namespace) -> str:
    """Who may log in, how the suite is run against the mock, and whom clients have to trust.

    Raises:
        UsageProblem: the file that this is to be saved in can't be written.
    """
    timeout = "" if options.session_timeout == DEFAULT_TIMEOUT else f" --session-timeout {options.session_timeout:g}"
    made = server.certificate is not None and server.certificate.ca_pem is not None
    trust = " --insecure" if made else ""
    if options.save_ca is not None:
        trust = f" --ca-bundle {shlex.quote(str(options.save_ca))}"
    name, word = shlex.quote(server.username), shlex.quote(server.password)
    logging_in = f"CONTRACT_USERNAME={name} CONTRACT_PASSWORD={word}"
    lines = [
        f"user: {server.username}",
        f"password: {server.password}",
        f"to run the suite against it: {logging_in} cl-contract run --target {server.url}{timeout}{trust}",
    ]
    if server.certificate is not None:
        lines += [f"{name} thumbprint: {server.certificate.thumbprint(name.lower())}" for name in ("SHA1", "SHA256")]
        lines += _authority(server.certificate, options.save_ca)
    return "\n".join(lines) + "\n"


def _authority(certificate: mock.ServerCertificate, file: Path | None) -> list[str]:
    """What clients have to trust, which is written into `file`, too."""
    if certificate.ca_pem is None:
        return []
    try:
        if file is not None:
            file.write_text(certificate.ca_pem, encoding="ascii")
    except OSError as problem:
        raise UsageProblem(f"{file} cannot be written: {(problem.strerror or str(problem)).lower()}") from None
    return ["clients have to trust this certificate:", certificate.ca_pem.rstrip()]


def _no_time(option: str, seconds: float) -> str:
    return f"{option} {seconds:g} is not possible; give seconds above 0, a year at most"
