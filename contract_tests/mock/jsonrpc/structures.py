"""The structures of data values: their full names, and their members in the notation of `datatypes.type_of`.

Source: the official Python bindings 9.1.1.0. They know more members than this server shows; a client may send each.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

STD: Final = "com.vmware.vapi.std"
CONTENT: Final = "com.vmware.content"
LIBRARY: Final = f"{CONTENT}.library"
ITEM: Final = f"{LIBRARY}.item"
UPDATE: Final = f"{ITEM}.update_session"
DOWNLOAD: Final = f"{ITEM}.download_session"
UPLOADS: Final = f"{ITEM}.updatesession"
DOWNLOADS: Final = f"{ITEM}.downloadsession"
CIS_SESSION: Final = "com.vmware.cis.session"

MESSAGE: Final = f"{STD}.localizable_message"
ARGUMENT_LOCATIONS: Final = f"{STD}.errors.argument_locations"
LIBRARY_MODEL: Final = f"{CONTENT}.library_model"
ITEM_MODEL: Final = f"{LIBRARY}.item_model"
UPDATE_MODEL: Final = f"{UPDATE}_model"
DOWNLOAD_MODEL: Final = f"{DOWNLOAD}_model"
FILE: Final = f"{ITEM}.file.info"
STORAGE: Final = f"{ITEM}.storage.info"
UPLOAD: Final = f"{UPLOADS}.file.info"
DOWNLOADABLE: Final = f"{DOWNLOADS}.file.info"

_BACKING: Final = f"{LIBRARY}.storage_backing"
_CHECKSUM: Final = f"{ITEM}.file.checksum_info?"
_ENDPOINT: Final = f"{ITEM}.transfer_endpoint?"
_PARAMS: Final = f"{{{STD}.localization_param}}?"

_SESSION: Final = MappingProxyType(
    {
        "id": "text?",
        "library_item_id": "text?",
        "library_item_content_version": "text?",
        "error_message": f"{MESSAGE}?",
        "client_progress": "integer?",
        "state": "text?",
        "expiration_time": "text?",
    }
)
_FILE: Final = MappingProxyType(
    {
        "checksum_info": _CHECKSUM,
        "name": "text",
        "size": "integer",
        "cached": "boolean",
        "version": "text",
        "file_download_endpoint": "text?",
    }
)

STRUCTURES: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        MESSAGE: {
            "id": "text",
            "default_message": "text",
            "args": "[text]",
            "params": _PARAMS,
            "localized": "text?",
        },
        f"{STD}.localization_param": {
            "s": "text?",
            "dt": "text?",
            "i": "integer?",
            "d": "double?",
            "l": f"{STD}.nested_localizable_message?",
            "format": "text?",
            "precision": "integer?",
        },
        f"{STD}.nested_localizable_message": {"id": "text", "params": _PARAMS},
        ARGUMENT_LOCATIONS: {"primary": "text", "secondary": "[text]"},
        f"{CIS_SESSION}.info": {"user": "text", "created_time": "text", "last_accessed_time": "text"},
        # Libraries
        LIBRARY_MODEL: {
            "id": "text?",
            "creation_time": "text?",
            "description": "text?",
            "last_modified_time": "text?",
            "last_sync_time": "text?",
            "name": "text?",
            "storage_backings": f"[{_BACKING}]?",
            "type": "text?",
            "optimization_info": f"{LIBRARY}.optimization_info?",
            "version": "text?",
            "publish_info": f"{LIBRARY}.publish_info?",
            "subscription_info": f"{LIBRARY}.subscription_info?",
            "server_guid": "text?",
            "security_policy_id": "text?",
            "unset_security_policy_id": "boolean?",
            "state_info": f"{LIBRARY}.state_info?",
            "configuration_info": f"{LIBRARY}.configuration_info?",
        },
        _BACKING: {"type": "text?", "datastore_id": "text?", "storage_uri": "text?"},
        f"{LIBRARY}.optimization_info": {"optimize_remote_publishing": "boolean?"},
        f"{LIBRARY}.publish_info": {
            "authentication_method": "text?",
            "published": "boolean?",
            "publish_url": "text?",
            "user_name": "text?",
            "password": "secret?",
            "current_password": "secret?",
            "persist_json_enabled": "boolean?",
        },
        f"{LIBRARY}.subscription_info": {
            "authentication_method": "text?",
            "automatic_sync_enabled": "boolean?",
            "on_demand": "boolean?",
            "password": "secret?",
            "ssl_thumbprint": "text?",
            "subscription_url": "text?",
            "user_name": "text?",
            "source_info": f"{LIBRARY}.source_info?",
            "ssl_certificate": "text?",
        },
        f"{LIBRARY}.source_info": {"source_library": "text?", "subscription": "text?"},
        f"{LIBRARY}.state_info": {"state": "text?", "message": "text?"},
        f"{LIBRARY}.configuration_info": {"apply_library_usage_to_items": "boolean?"},
        f"{LIBRARY}.find_spec": {"name": "text?", "type": "text?", "storage_backing": f"{_BACKING}?"},
        # Items
        ITEM_MODEL: {
            "id": "text?",
            "library_id": "text?",
            "content_version": "text?",
            "creation_time": "text?",
            "description": "text?",
            "last_modified_time": "text?",
            "last_sync_time": "text?",
            "metadata_version": "text?",
            "name": "text?",
            "cached": "boolean?",
            "size": "integer?",
            "type": "text?",
            "version": "text?",
            "source_id": "text?",
            "security_compliance": "boolean?",
            "certificate_verification_info": f"{ITEM}.certificate_verification_info?",
        },
        f"{ITEM}.certificate_verification_info": {"status": "text", "cert_chain": "[text]?"},
        f"{ITEM}.find_spec": {
            "name": "text?",
            "library_id": "text?",
            "source_id": "text?",
            "type": "text?",
            "cached": "boolean?",
        },
        FILE: _FILE,
        STORAGE: {"storage_backing": _BACKING, "storage_uris": "[text]", **_FILE},
        f"{ITEM}.file.checksum_info": {"algorithm": "text?", "checksum": "text"},
        # Sessions
        DOWNLOAD_MODEL: _SESSION,
        UPDATE_MODEL: {
            **_SESSION,
            "preview_info": f"{UPLOADS}.preview_info?",
            "warning_behavior": f"[{UPLOADS}.warning_behavior]?",
        },
        f"{UPLOADS}.preview_info": {
            "state": "text",
            "certificate_info": f"{UPLOADS}.certificate_info?",
            "warnings": f"[{UPLOADS}.preview_warning_info]?",
            "cert_chain": "[text]?",
        },
        f"{UPLOADS}.certificate_info": {
            "issuer": "text",
            "subject": "text",
            "self_signed": "boolean",
            "x509": "text",
        },
        f"{UPLOADS}.preview_warning_info": {"type": "text", "message": MESSAGE, "ignored": "boolean"},
        f"{UPLOADS}.warning_behavior": {"type": "text", "ignored": "boolean"},
        # Files of sessions
        f"{UPLOADS}.file.add_spec": {
            "name": "text",
            "source_type": "text",
            "source_endpoint": _ENDPOINT,
            "size": "integer?",
            "checksum_info": _CHECKSUM,
        },
        f"{ITEM}.transfer_endpoint": {
            "uri": "text",
            "ssl_certificate_thumbprint": "text?",
            "ssl_certificate": "text?",
        },
        UPLOAD: {
            "name": "text",
            "source_type": "text",
            "size": "integer?",
            "checksum_info": _CHECKSUM,
            "source_endpoint": _ENDPOINT,
            "upload_endpoint": _ENDPOINT,
            "bytes_transferred": "integer",
            "status": "text",
            "error_message": f"{MESSAGE}?",
            "keep_in_storage": "boolean?",
        },
        f"{UPLOADS}.file.validation_result": {
            "has_errors": "boolean",
            "missing_files": "[text]",
            "invalid_files": f"[{UPLOADS}.file.validation_error]",
        },
        f"{UPLOADS}.file.validation_error": {"name": "text", "error_message": MESSAGE},
        DOWNLOADABLE: {
            "name": "text",
            "size": "integer?",
            "bytes_transferred": "integer",
            "status": "text",
            "download_endpoint": _ENDPOINT,
            "checksum_info": _CHECKSUM,
            "error_message": f"{MESSAGE}?",
        },
    }
)
