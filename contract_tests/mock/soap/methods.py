"""The methods of the SOAP services, by tables.

Clients hold references to what is here and to some of what is not, without asking; what is not here answers nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from contract_tests import __version__
from contract_tests.mock.domain.errors import ApiError
from contract_tests.mock.domain.views import SERVER_GUID
from contract_tests.mock.soap.inventory import PROPERTY_COLLECTOR, ROOT, SESSION_MANAGER, inventory, retrieved, starts
from contract_tests.mock.soap.values import Reference, SoapFault, Structure, reference_in, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from xml.etree.ElementTree import Element

    from contract_tests.mock.domain.access import ApiSession
    from contract_tests.mock.domain.world import World

VERSION: Final = "8.0.3.0"
_ABOUT: Final = {
    "name": "VMware vCenter Server",
    "fullName": f"VMware vCenter Server {VERSION} (cl-contract mock {__version__})",
    "vendor": "VMware, Inc.",
    "version": VERSION.rpartition(".")[0],
    "build": "0",
    "localeVersion": "INTL",
    "localeBuild": "000",
    "osType": "linux-x64",
    "productLineId": "vpx",
    "apiType": "VirtualCenter",
    "apiVersion": VERSION,
    "instanceUuid": SERVER_GUID,
}


@dataclass(frozen=True)
class SoapCall:
    """One call: the element with its arguments, and the token in its cookie."""

    world: World
    request: Element
    token: str | None

    @property
    def login(self) -> ApiSession | None:
        """Who asks, if anybody is logged in with the token."""
        try:
            return self.world.access.require(self.token)
        except ApiError:
            return None

    def require(self) -> ApiSession:
        """Who asks.

        Raises:
            SoapFault: NotAuthenticated.
        """
        login = self.login
        if login is None:
            this = reference_in(self.request, "_this")
            text = "Nobody is logged in with this session."
            raise SoapFault("NotAuthenticated", text, object=this, privilegeId="System.View")
        return login


def service_content(_call: SoapCall) -> Structure:
    """What there is in this service: the few objects that are needed on the way to a datastore."""
    members = {
        "rootFolder": ROOT,
        "propertyCollector": PROPERTY_COLLECTOR,
        "about": Structure("AboutInfo", _ABOUT),
        "sessionManager": SESSION_MANAGER,
        "searchIndex": Reference("SearchIndex", "SearchIndex"),
    }
    return Structure("ServiceContent", members)


def log_in(call: SoapCall) -> Structure:
    """A new session.

    Raises:
        SoapFault: InvalidLogin.
    """
    try:
        token = call.world.access.log_in(text_of(call.request, "userName"), text_of(call.request, "password"))
    except ApiError:
        raise SoapFault("InvalidLogin", "The user name or the password is wrong.") from None
    return _session(token, call.world.access.require(token))


def log_out(call: SoapCall) -> None:
    call.require()
    call.world.access.log_out(call.token)


def is_active(call: SoapCall) -> bool:
    """Whether a session is that of the user; it is asked of one's own only."""
    login = call.require()
    return (text_of(call.request, "sessionID"), text_of(call.request, "userName")) == (call.token, login.user)


def current_time(call: SoapCall) -> datetime:
    call.require()
    return call.world.clock.now()


def retrieve(call: SoapCall) -> list[Structure]:
    """What the property collector finds. Who is not logged in may still ask for the session: there is none."""
    objects = inventory()
    login = call.login
    if login is None:
        if starts(call.request) != {SESSION_MANAGER}:
            call.require()
        return retrieved({SESSION_MANAGER: {}}, call.request)
    objects[SESSION_MANAGER] = {"currentSession": _session(call.token or "", login)}
    return retrieved(objects, call.request)


def policy_service_content(_call: SoapCall) -> Structure:
    """What there is of storage policies: nothing but the word that clients take for a greeting."""
    about = {"name": "PBM", "version": VERSION, "instanceUuid": SERVER_GUID}
    managers = {
        "sessionManager": "PbmSessionManager",
        "capabilityMetadataManager": "PbmCapabilityMetadataManager",
        "profileManager": "PbmProfileProfileManager",
        "complianceManager": "PbmComplianceManager",
        "placementSolver": "PbmPlacementSolver",
    }
    members = {name: Reference(kind, kind) for name, kind in managers.items()}
    return Structure("PbmServiceInstanceContent", {"aboutInfo": Structure("PbmAboutInfo", about), **members})


METHODS: Final[Mapping[str, Callable[[SoapCall], Any]]] = {
    "RetrieveServiceContent": service_content,
    "Login": log_in,
    "Logout": log_out,
    "SessionIsActive": is_active,
    "CurrentTime": current_time,
    "RetrieveProperties": retrieve,
    "RetrievePropertiesEx": lambda call: Structure("RetrieveResult", {"objects": retrieve(call)}),
}
POLICY_METHODS: Final[Mapping[str, Callable[[SoapCall], Any]]] = {"PbmRetrieveServiceContent": policy_service_content}


def _session(token: str, login: ApiSession) -> Structure:
    members = {
        "key": token,
        "userName": login.user,
        "fullName": login.user,
        "loginTime": login.created,
        "lastActiveTime": login.last_accessed,
        "locale": "en",
        "messageLocale": "en",
    }
    return Structure("UserSession", members)
