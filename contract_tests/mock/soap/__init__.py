"""The SOAP service at `/sdk`: what clients of the library ask of it before they go on by the other dialects.

That is little: what the server is, logging in and out, and the way from the root of the inventory to a datastore.
Where a client wants more, a simulator of the whole service answers in its place (`forward`).
"""

from contract_tests.mock.soap.door import SOAP_PATH, VERSIONS_PATH, SoapDoor

__all__ = ["SOAP_PATH", "VERSIONS_PATH", "SoapDoor"]
