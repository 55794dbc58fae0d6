"""The pytest plugin: options, collection, performance, reports. Wiring only; the rooms below do the work."""

pytest_plugins = [
    "contract_tests.plugin.garbage",
    "contract_tests.plugin.crashes",
    "contract_tests.plugin.options",
    "contract_tests.plugin.run",
    "contract_tests.plugin.signals",
    "contract_tests.plugin.clauses",
    "contract_tests.plugin.collection",
    "contract_tests.plugin.distribution",
    "contract_tests.plugin.performing",
    "contract_tests.plugin.reporting",
    "contract_tests.plugin.progress",
    "contract_tests.plugin.testpage",
    "contract_tests.plugin.writing",
    "contract_tests.plugin.closing",
    "contract_tests.plugin.hygiene",
]
