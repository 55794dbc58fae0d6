"""Works a session through with the generated Python client: `use.py DIALECT URL TOKEN ITEM`, the client on the path.

An assertion that fails, or a traceback of the client's, says what its document does not describe as the mock answers.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Any

import openapi_client
from openapi_client.exceptions import ApiException, BadRequestException, NotFoundException, UnauthorizedException

UNKNOWN = "no-such-session"


def refusal(kind: type[ApiException], call: Any, *args: Any, **kwargs: Any) -> Any:
    """The error that a call is refused with, as the client reads it; out of its wrapper, where there is one."""
    try:
        call(*args, **kwargs)
    except kind as refused:
        error = refused.data
        return error.value if hasattr(error, "value") else error
    raise AssertionError(f"{call.__name__} succeeded")


def created(api: Any, service: str, spec: Any) -> Any:
    """The id of a new session, whichever of the dialects made the client."""
    create = getattr(api, f"{service}_session_create", None)
    if create is not None:
        return create(spec)
    kind = service.capitalize()
    body = getattr(openapi_client, f"{kind}SessionCreateInput")(create_spec=spec)
    either = getattr(openapi_client, f"{kind}SessionCreateOrKeepAliveRequest")(body)
    return getattr(api, f"{service}_session_create_or_keep_alive")(either, action="create").value


def read(get: Any, session: str) -> Any:
    answer = get(session)
    return answer.value if hasattr(answer, "value") else answer


def check(url: str, token: str, item: str, *, wraps: bool) -> None:
    configuration = openapi_client.Configuration(host=url, api_key={"session": token})
    client = openapi_client.ApiClient(configuration)
    updates, downloads = openapi_client.UpdateSessionApi(client), openapi_client.DownloadSessionApi(client)
    behavior = openapi_client.WarningBehavior(type="SELF_SIGNED_CERTIFICATE", ignored=True)

    spec = openapi_client.UpdateSessionCreateSpec(library_item_id=item, warning_behavior=[behavior])
    session = created(updates, "update", spec)
    listed = updates.update_session_list()
    assert session in (listed.value if wraps else listed)

    keep = updates.update_session_keep_alive
    assert keep("keep-alive", session) is None
    assert (
        keep("keep-alive", session, update_session_keep_alive=openapi_client.UpdateSessionKeepAlive(client_progress=40))
        is None
    )
    shown = read(updates.update_session_get, session)
    assert isinstance(shown, openapi_client.UpdateSessionModel)
    assert (shown.library_item_id, shown.client_progress, shown.state) == (item, 40, "ACTIVE")
    assert isinstance(shown.expiration_time, datetime)
    assert shown.expiration_time > datetime.now(UTC)
    assert shown.warning_behavior == [behavior]

    other = openapi_client.WarningBehavior(type="EXPIRED_CERTIFICATE", ignored=True)
    change: Any = openapi_client.UpdateSessionUpdateSpec(warning_behavior=[other])
    if wraps:
        change = openapi_client.UpdateSessionUpdateInput(update_spec=change)
    assert updates.update_session_update(session, change) is None
    assert read(updates.update_session_get, session).warning_behavior == [other]

    active = refusal(BadRequestException, updates.update_session_delete, session)
    assert active.error_type == "NOT_ALLOWED_IN_CURRENT_STATE"
    unknown = refusal(NotFoundException, updates.update_session_get, UNKNOWN)
    assert unknown.error_type == "NOT_FOUND"
    assert unknown.messages[0].default_message
    anonymous = openapi_client.UpdateSessionApi(openapi_client.ApiClient(openapi_client.Configuration(host=url)))
    stranger = refusal(UnauthorizedException, anonymous.update_session_keep_alive, "keep-alive", session)
    assert (stranger.error_type, stranger.data) == ("UNAUTHENTICATED", None)

    lease = created(downloads, "download", openapi_client.DownloadSessionCreateSpec(library_item_id=item))
    assert (
        downloads.download_session_keep_alive(
            "keep-alive", lease, download_session_keep_alive=openapi_client.DownloadSessionKeepAlive(progress=7)
        )
        is None
    )
    assert read(downloads.download_session_get, lease).client_progress == 7
    assert downloads.download_session_delete(lease) is None
    gone = refusal(NotFoundException, downloads.download_session_get, lease)
    assert gone.error_type == "NOT_FOUND"


def check_errors() -> None:
    """Forms of an error that this mock does not send, and others do."""
    message = {"id": "a", "default_message": "b", "args": []}
    for data in ({}, {"of": "its own"}, {"primary": "member", "secondary": []}, None):
        read = openapi_client.StandardError.from_dict({"messages": [message], "data": data})
        assert read.data == data, data
    for params in ({"n": {"i": 1}}, [{"key": "n", "value": {"i": 1}}]):
        read = openapi_client.StandardError.from_dict({"messages": [{**message, "params": params}]})
        assert read.messages[0].params.to_dict(), params


if __name__ == "__main__":
    _, dialect, url, token, item = sys.argv
    check(url, token, item, wraps=dialect == "rest")
    check_errors()
