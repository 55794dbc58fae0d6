"""The mock on the wire: paths, requests read, replies written, in both dialects."""
