"""The SOAP services: what clients of the library ask of them before they go on by the other dialects.

That is little: what the server is, logging in and out, and the way from the root of the inventory to a datastore; it
takes no simulator of the whole service.
"""

from contract_tests.mock.soap.door import SOAP_PATHS, SoapDoor

__all__ = ["SOAP_PATHS", "SoapDoor"]
