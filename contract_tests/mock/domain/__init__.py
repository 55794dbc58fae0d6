"""The domain of the mock: pure, synchronous, each decision a method that a wrong server overrides. It knows no HTTP."""
