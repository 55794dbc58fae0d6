"""The control door: the clock, the weather, and what no operation of the API can bring about.

Only there if the server was started with it. It asks for no token; `ControlGuard` says who may come in. What its
operations take, and what they give, says `control.yaml`, by which their bodies are checked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from contract_tests.mock.domain import errors
from contract_tests.mock.domain.clock import as_text
from contract_tests.mock.http.idioms import API
from contract_tests.mock.http.operations import VALUE, Invocation, Operation, RequestBody
from contract_tests.mock.http.weather import Spell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from contract_tests.mock.domain.interventions import Interventions
    from contract_tests.mock.http.weather import Weather

ROOT: Final = "/_control"
REASON: Final = "The server could not go on."


@cache
def control_document() -> dict[str, Any]:
    """The OpenAPI document of the control door."""
    document: dict[str, Any] = yaml.safe_load(files(__package__).joinpath("control.yaml").read_text(encoding="utf-8"))
    return document


@dataclass(frozen=True)
class ControlDoor:
    """The handlers of the control door, by method and path below its root."""

    interventions: Interventions
    weather: Weather

    def read_document(self, _call: Invocation) -> dict[str, Any]:
        return control_document()

    def read_clock(self, _call: Invocation) -> dict[str, Any]:
        clock = self.interventions.clock
        return {"now": as_text(clock.now()), "shift": clock.shift}

    def advance_clock(self, call: Invocation) -> dict[str, Any]:
        try:
            self.interventions.clock.advance(call.body["seconds"])
        except ValueError as problem:
            raise errors.invalid_argument(str(problem), argument="seconds") from None
        return self.read_clock(call)

    def raise_warning(self, call: Invocation) -> dict[str, str]:
        self.interventions.raise_warning(call.body["session"], call.body["type"])
        return {"session": call.body["session"], "type": call.body["type"]}

    def make_subscribed_item(self, _call: Invocation) -> dict[str, str]:
        item = self.interventions.subscribed_item()
        return {"library": item.library_id, "item": item.id}

    def fail_session(self, call: Invocation) -> dict[str, Any]:
        self.interventions.fail_session(call.body["session"], call.body.get("reason", REASON))
        return {}

    def expire_session(self, call: Invocation) -> dict[str, Any]:
        self.interventions.expire_session(call.body["session"])
        return {}

    def fail_transfer(self, call: Invocation) -> dict[str, Any]:
        given = call.body
        self.interventions.fail_transfer(given["session"], given["file"], given.get("reason", REASON))
        return {}

    def end_tokens(self, call: Invocation) -> dict[str, int]:
        return {"ended": self.interventions.end_tokens(call.body.get("token"))}

    def read_weather(self, _call: Invocation) -> dict[str, Any]:
        return {"spells": [spell.shown() for spell in self.weather.spells]}

    def brew_weather(self, call: Invocation) -> dict[str, Any]:
        try:
            self.weather.brew(Spell(**call.body))
        except ValueError as problem:
            raise errors.invalid_argument(str(problem)) from None
        return self.read_weather(call)

    def clear_weather(self, call: Invocation) -> dict[str, Any]:
        self.weather.clear()
        return self.read_weather(call)

    def read_state(self, call: Invocation) -> dict[str, Any]:
        return self.state(call.origin)

    def reset(self, call: Invocation) -> dict[str, Any]:
        self.begin_anew()
        return self.read_clock(call)

    # What clients in Python do, too

    def state(self, origin: str) -> dict[str, Any]:
        spells = [spell.shown() for spell in self.weather.spells]
        return {**self.interventions.snapshot(origin), "weather": spells}

    def begin_anew(self) -> None:
        self.interventions.reset()
        self.weather.clear()


def operations(door: ControlDoor) -> Iterator[Operation]:
    handlers: dict[tuple[str, str], Callable[[Invocation], Any]] = {
        ("GET", "openapi.json"): door.read_document,
        ("GET", "clock"): door.read_clock,
        ("POST", "clock/advance"): door.advance_clock,
        ("POST", "warnings"): door.raise_warning,
        ("POST", "subscribed-items"): door.make_subscribed_item,
        ("POST", "sessions/fail"): door.fail_session,
        ("POST", "sessions/expire"): door.expire_session,
        ("POST", "transfers/fail"): door.fail_transfer,
        ("POST", "tokens/end"): door.end_tokens,
        ("GET", "weather"): door.read_weather,
        ("POST", "weather"): door.brew_weather,
        ("DELETE", "weather"): door.clear_weather,
        ("GET", "state"): door.read_state,
        ("POST", "reset"): door.reset,
    }
    for (method, path), handler in handlers.items():
        whole = f"{ROOT}/{path}"
        if method == "POST":
            body, handle = RequestBody.VALUE, _checked(whole, handler)
        else:
            body, handle = RequestBody.NONE, handler
        yield Operation(API, method, whole, handle, VALUE, body=body, needs_token=False)


def _checked(path: str, handler: Callable[[Invocation], Any]) -> Callable[[Invocation], Any]:
    """The handler, which sees no body but those that the document allows; none at all is an empty object."""

    def handle(call: Invocation) -> Any:
        body = {} if call.body is None and not call.content else call.body
        problem = best_match(_validator(path).iter_errors(body))
        if problem is not None:
            member = str(problem.absolute_path[0]) if problem.absolute_path else None
            where = "body" if member is None else f"member {member} of the body"
            raise errors.invalid_argument(f"The {where} is not as documented: {problem.message}.", argument=member)
        return handler(replace(call, body=body))

    return handle


@cache
def _validator(path: str) -> Draft202012Validator:
    """Of the body of a POST. The whole document is its root, for what it refers to."""
    document = control_document()
    schema = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    return Draft202012Validator({**schema, "components": document["components"]})
