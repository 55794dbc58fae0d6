"""The mock server: both session services, both dialects, one state; and where to make it wrong on purpose."""

from contract_tests.mock.domain.access import User
from contract_tests.mock.domain.clock import ShiftedClock, TimeSource
from contract_tests.mock.domain.errors import ApiError, ErrorType, Message
from contract_tests.mock.domain.world import DEFAULT_USER, MockSettings, World
from contract_tests.mock.http.app import App, Parts
from contract_tests.mock.http.controlguard import CONTROL_HEADER, CONTROL_KEY
from contract_tests.mock.http.weather import Spell
from contract_tests.mock.listening import CannotListen, PortTaken
from contract_tests.mock.server import MockServer, run
from contract_tests.mock.store import CannotStore
from contract_tests.mock.tls import ServerCertificate, UnusableCertificate, read_certificate

__all__ = [
    "CONTROL_HEADER",
    "CONTROL_KEY",
    "DEFAULT_USER",
    "ApiError",
    "App",
    "CannotListen",
    "CannotStore",
    "ErrorType",
    "Message",
    "MockServer",
    "MockSettings",
    "Parts",
    "PortTaken",
    "ServerCertificate",
    "ShiftedClock",
    "Spell",
    "TimeSource",
    "UnusableCertificate",
    "User",
    "World",
    "read_certificate",
    "run",
]
