"""The oracle: what the contract says of an exchange, or of several. Pure: no server is asked anything."""
