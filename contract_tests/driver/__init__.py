"""The driver of a target, and the only door to it: settings, preflight, transport, sessions, workspace, clock."""

from contract_tests.driver.clock import Clock, ControlledClock, RealClock, polls
from contract_tests.driver.preflight import Access, Facts, preflight
from contract_tests.driver.profile import Profile, load_profile
from contract_tests.driver.removal import Leftover
from contract_tests.driver.sessions import UNSET, Session
from contract_tests.driver.settings import Settings
from contract_tests.driver.target import Target, open_target
from contract_tests.driver.transport.door import Body, Door
from contract_tests.driver.transport.recorder import Recorder
from contract_tests.driver.workspace import Workspace

__all__ = [
    "UNSET",
    "Access",
    "Body",
    "Clock",
    "ControlledClock",
    "Door",
    "Facts",
    "Leftover",
    "Profile",
    "RealClock",
    "Recorder",
    "Session",
    "Settings",
    "Target",
    "Workspace",
    "load_profile",
    "open_target",
    "polls",
    "preflight",
]
