"""Contract tests for the vSphere Content Library session API."""

__version__ = "0.1.0"
