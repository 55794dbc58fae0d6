"""Servers that take client tokens wrongly, or make more than one session of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from contract_tests.faults.create import BUSY, NOBODY
from contract_tests.faults.fault import fault, overriding, reader, sessions
from contract_tests.faults.keep_alive import REST_CELLS
from contract_tests.mock import ApiError, Parts
from contract_tests.mock.domain.clienttokens import ClientTokens
from contract_tests.mock.domain.sessions import Sessions
from contract_tests.mock.http.reader import Reader

if TYPE_CHECKING:
    from contract_tests.contract import Service
    from contract_tests.mock.http.operations import Operation


class CreatesThenLooks(Sessions):
    """Refuses as it should, and creates the session all the same."""

    def create(self, service: Service, user: str, spec: Any, token: str | None = None) -> str:
        try:
            return super().create(service, user, spec, token)
        except ApiError:
            if token is not None and not self.tokens.is_valid(token):
                super().create(service, user, spec)
            raise


class ForgetsUsedTokens(Sessions):
    """Remembers a token until its session was kept alive."""

    def create(self, service: Service, user: str, spec: Any, token: str | None = None) -> str:
        known = self.tokens.recall(service, user, token)
        if known in self.by_id and self.by_id[str(known)].client_progress:
            token = None
        return super().create(service, user, spec, token)


class BeginsAnew(Sessions):
    """Yields the session that a token made, and starts it again."""

    def create(self, service: Service, user: str, spec: Any, token: str | None = None) -> str:
        created = super().create(service, user, spec, token)
        self.by_id[created].client_progress = 0
        return created


def token_otherwise(error_type: str) -> Parts:
    def check(self: ClientTokens, token: object) -> None:
        if token is not None and not self.is_valid(token):
            raise ApiError(error_type, NOBODY)

    return Parts(tokens=overriding(ClientTokens, check=check))


def without_client_token(self: Reader, operation: Operation, body: Any) -> tuple[Any, Any]:
    spec, _ = Reader.unwrapped(self, operation, body)
    return spec, None


FAULTS: Final = [
    fault(
        "any text is a client token",
        Parts(tokens=overriding(ClientTokens, is_valid=lambda _, token: isinstance(token, str))),
        "create.client-token-no-uuid",
    ),
    fault(
        "what begins like a UUID is a client token",
        Parts(tokens=overriding(ClientTokens, is_valid=lambda _, token: str(token).startswith("b8a2a2e3-2314"))),
        "create.client-token-no-uuid",
    ),
    fault(
        "a client token that is no UUID crashes",
        token_otherwise("INTERNAL_SERVER_ERROR"),
        "create.client-token-no-uuid",
        "errors.no-server-error",
        plays=("create.client-token-no-uuid",),
    ),
    fault(
        "a client token that is no UUID is refused too late",
        Parts(sessions=CreatesThenLooks),
        "create.client-token-no-uuid",
    ),
    fault(
        "client tokens are not remembered",
        Parts(tokens=overriding(ClientTokens, recall=lambda *_: None)),
        "create.idempotent",
    ),
    fault(
        "client tokens in a body are not read",
        reader(unwrapped=without_client_token),
        "create.idempotent",
        "create.client-token-no-uuid",
        cells=REST_CELLS,
    ),
    fault(
        "client tokens are forgotten when the session is used",
        Parts(sessions=ForgetsUsedTokens),
        "create.idempotent",
    ),
    fault(
        "client tokens are those of all services",
        Parts(
            tokens=overriding(
                ClientTokens,
                recall=lambda self, _, user, token: ClientTokens.recall(self, "any", user, token),
                remember=lambda self, _, *told: ClientTokens.remember(self, "any", *told),
            )
        ),
        "create.returns-id",
    ),
    fault("a client token starts its session anew", Parts(sessions=BeginsAnew), "create.idempotent"),
    fault(
        "sessions are listed twice",
        sessions(list_ids=lambda *args, **named: Sessions.list_ids(*args, **named) * 2),
        "create.idempotent",
        tolerated=(BUSY,),
    ),
]
