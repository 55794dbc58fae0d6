"""A server that tells a test when a run is well under way, so that it can be interrupted there."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from contract_tests.mock import Parts
from contract_tests.mock.http.door import Dispatcher, Incoming

if TYPE_CHECKING:
    from contract_tests.mock.http.operations import Operation
    from contract_tests.mock.http.wire import Reply


class Counting:
    """A door that tells when it has carried out so many operations; then it may take its time to delete something."""

    def __init__(self, enough: int, deletes_in: float = 0.0) -> None:
        self.begun = begun = threading.Event()

        class Counter(Dispatcher):
            count = 0

            def perform(self, operation: Operation, incoming: Incoming) -> Reply:
                self.count += 1
                if self.count == enough:
                    begun.set()
                if operation.method == "DELETE" and begun.is_set():
                    time.sleep(deletes_in)
                return super().perform(operation, incoming)

        self.parts = Parts(door=Counter)
