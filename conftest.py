"""Makes the plugin known to plain pytest in a checkout."""

pytest_plugins = ["contract_tests.plugin"]
