"""Tests of the mock server: the domain by plain calls, the wire over ASGI, the server over sockets."""
