"""The mock server: both session services, both dialects, one state; and where to make it wrong on purpose."""

from contract_tests.mock.access import User
from contract_tests.mock.app import App, Parts
from contract_tests.mock.clock import Clock, ShiftedClock
from contract_tests.mock.controlguard import CONTROL_HEADER, CONTROL_KEY
from contract_tests.mock.errors import ApiError, ErrorType, Message
from contract_tests.mock.server import CannotListen, MockServer, PortTaken, run
from contract_tests.mock.world import Settings, World

__all__ = [
    "CONTROL_HEADER",
    "CONTROL_KEY",
    "ApiError",
    "App",
    "CannotListen",
    "Clock",
    "ErrorType",
    "Message",
    "MockServer",
    "Parts",
    "PortTaken",
    "Settings",
    "ShiftedClock",
    "User",
    "World",
    "run",
]
