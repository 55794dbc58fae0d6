"""The life of a preview: from the first file of an OVF to its warnings, and what complete makes of them."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from contract_tests.contract import Service
from contract_tests.contract.schemas import schemas
from contract_tests.mock import ApiError, MockSettings, World
from contract_tests.mock.domain.content import Content
from contract_tests.mock.domain.model import PreviewState, State, WarningType

from .speaker import BACKING, ManualClock

if TYPE_CHECKING:
    from collections.abc import Callable

OVF = b"""<?xml version="1.0"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">
  <References><File ovf:id="1" ovf:href="disk.vmdk"/><File ovf:id="2" ovf:href="http://x/far.vmdk"/></References>
</Envelope>"""
NOW = ManualClock().now()
DAY = timedelta(days=1)
SELF, UNTRUSTED = WarningType.SELF_SIGNED_CERTIFICATE, WarningType.UNTRUSTED_CERTIFICATE
EXPIRED, EARLY = WarningType.EXPIRED_CERTIFICATE, WarningType.NOT_YET_VALID_CERTIFICATE


def signed(*, by_itself: bool = True, begins: datetime = NOW - DAY, ends: datetime = NOW + DAY) -> list[bytes]:
    """A certificate, and the one that it comes from if there is another, in DER."""
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("vendor", "authority")]
    issuer = 0 if by_itself else 1
    made = []
    for subject in range(issuer + 1):
        builder = (
            x509.CertificateBuilder()
            .subject_name(names[subject])
            .issuer_name(names[issuer])
            .public_key(keys[subject].public_key())
            .serial_number(7)
            .not_valid_before(begins)
            .not_valid_after(ends)
        )
        made.append(builder.sign(keys[issuer], hashes.SHA256()).public_bytes(Encoding.DER))
    return made


def cert_file(certificates: list[bytes]) -> bytes:
    """The file of a signed OVF: the signed digest of the manifest, then the certificates."""
    pem = [x509.load_der_x509_certificate(one).public_bytes(Encoding.PEM) for one in certificates]
    return b"SHA256(a.mf)= 00ff\n" + b"".join(pem)


class Importing:
    """An update session on an item of some type, by plain calls."""

    def __init__(self, kind: str = "ovf", **settings: Any) -> None:
        self.clock = ManualClock()
        self.world = World(self.clock, MockSettings(**settings))
        library = self.world.libraries.create_library("user", {"name": "l", "storage_backings": [BACKING]})
        spec = {"library_id": library, "name": "i", "type": kind}
        self.item = self.world.libraries.create_item("user", spec)
        self.session = self.world.sessions.create(Service.UPDATE, "user", {"library_item_id": self.item})

    def add(self, name: str) -> Callable[[bytes], None]:
        """Announce a file; gives what its content goes to."""
        file = self.world.uploads.add(self.session, {"name": name, "source_type": "PUSH"})
        return lambda content: self.world.uploads.receive(file.key, name, Content.of(content))

    def push(self, **files: bytes) -> None:
        for name, content in files.items():
            self.add(name.replace("_", "."))(content)

    def preview(self) -> Any:
        shown = self.world.views.session(self.world.sessions.get(Service.UPDATE, self.session))["preview_info"]
        assert schemas().problems("PreviewInfo", shown) == []
        return shown

    def complete(self) -> State:
        self.world.sessions.complete(self.session)
        return self.world.sessions.get(Service.UPDATE, self.session).state

    def names(self) -> set[str]:
        return set(self.world.libraries.item(self.item).files)

    def refused(self, call: Callable[..., object], *args: Any) -> str:
        with pytest.raises(ApiError) as refusal:
            call(*args)
        return refusal.value.error_type


@pytest.mark.parametrize("kind", ["ovf", ""])
def test_a_descriptor_is_prepared_and_then_there(kind: str) -> None:
    importing = Importing(kind, preview_seconds=2.0)
    importing.push(disk_vmdk=b"disk")
    assert importing.preview() == {"state": "UNAVAILABLE"}
    send = importing.add("A.OVF")
    assert importing.preview() == {"state": "PREPARING"}
    send(OVF)
    importing.clock.advance(1.999)
    assert importing.preview() == {"state": "PREPARING"}
    importing.clock.advance(0.001)
    assert importing.preview() == {"state": "AVAILABLE", "warnings": []}
    assert importing.complete() is State.DONE


@pytest.mark.parametrize("other", list(PreviewState)[:2])
@pytest.mark.parametrize("kind", ["iso", "file", "ovf"])
def test_what_nobody_looks_into_has_the_preview_that_was_chosen(other: PreviewState, kind: str) -> None:
    importing = Importing(kind, other_previews=other)
    assert importing.preview() == {"state": "UNAVAILABLE"}
    importing.push(a_iso=b"disk")
    # To an item of this type a descriptor may still come.
    assert importing.preview() == {"state": "UNAVAILABLE" if kind == "ovf" else other}
    if kind != "ovf":
        importing.push(b_ovf=OVF)
        importing.clock.advance(60)
        assert importing.preview() == {"state": other}


@pytest.mark.parametrize(
    ("made", "found"),
    [
        ({}, {SELF}),
        ({"by_itself": False}, {UNTRUSTED}),
        ({"begins": NOW - 2 * DAY, "ends": NOW - DAY}, {SELF, EXPIRED}),
        ({"by_itself": False, "begins": NOW + DAY, "ends": NOW + 2 * DAY}, {UNTRUSTED, EARLY}),
    ],
)
def test_a_signed_descriptor_shows_its_certificate_and_what_it_deserves(
    made: dict[str, Any], found: set[WarningType]
) -> None:
    certificates = signed(**made)
    importing = Importing(preview_seconds=0)
    importing.push(a_mf=b"SHA256(a.ovf)= 00", a_cert=cert_file(certificates))
    assert importing.preview() == {"state": "UNAVAILABLE"}
    importing.push(a_ovf=OVF)
    shown = importing.preview()
    chain = [base64.b64encode(one).decode() for one in certificates]
    assert shown["certificate_info"] == {
        "issuer": "CN=vendor" if len(chain) == 1 else "CN=authority",
        "subject": "CN=vendor",
        "self_signed": len(chain) == 1,
        "x509": chain[0],
    }
    assert shown["cert_chain"] == chain
    assert {one["type"] for one in shown["warnings"]} == found
    assert {one["ignored"] for one in shown["warnings"]} == {False}


def test_a_certificate_is_judged_by_the_mock_s_clock() -> None:
    importing = Importing(preview_seconds=0)
    importing.push(a_cert=cert_file(signed(ends=NOW + timedelta(seconds=100))), a_ovf=OVF)
    assert [one["type"] for one in importing.preview()["warnings"]] == [SELF]
    importing.clock.advance(101)
    assert [one["type"] for one in importing.preview()["warnings"]] == [SELF, EXPIRED]


@pytest.mark.parametrize("ignored", [[], [SELF], [SELF, EXPIRED]])
def test_complete_fails_by_what_is_not_ignored(ignored: list[WarningType]) -> None:
    importing = Importing()
    importing.push(a_cert=cert_file(signed(begins=NOW - 2 * DAY, ends=NOW - DAY)), a_ovf=OVF)
    behavior = [{"type": kind, "ignored": True} for kind in ignored]
    importing.world.sessions.update(importing.session, {"warning_behavior": behavior})
    importing.clock.advance(1)
    assert {one["type"] for one in importing.preview()["warnings"] if one["ignored"]} == set(ignored)
    assert importing.complete() is (State.DONE if len(ignored) == 2 else State.ERROR)


def test_the_control_door_raises_more() -> None:
    importing = Importing(preview_seconds=0)
    importing.push(a_cert=cert_file(signed()), a_ovf=OVF)
    session = importing.world.sessions.get(Service.UPDATE, importing.session)
    for kind in (SELF, EXPIRED):
        importing.world.sessions.raise_warning(session, kind)
    shown = importing.preview()
    assert [one["type"] for one in shown["warnings"]] == [SELF, EXPIRED]
    assert shown["certificate_info"]["subject"] == "CN=vendor"


@pytest.mark.parametrize(
    "content", [b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n"]
)
def test_a_file_without_a_certificate_signs_nothing(content: bytes) -> None:
    importing = Importing(preview_seconds=0)
    importing.push(a_cert=content, a_ovf=OVF)
    assert importing.preview() == {"state": "AVAILABLE", "warnings": []}


# The other files of an OVF


def test_validation_names_the_files_that_are_missing() -> None:
    importing = Importing()
    uploads, views = importing.world.uploads, importing.world.views
    importing.push(a_ovf=OVF)
    assert views.validation(*uploads.validate(importing.session)) == {
        "has_errors": True,
        "missing_files": ["disk.vmdk"],
        "invalid_files": [],
    }
    send = importing.add("disk.vmdk")
    assert importing.refused(uploads.validate, importing.session) == "NOT_ALLOWED_IN_CURRENT_STATE"
    send(b"disk")
    assert views.validation(*uploads.validate(importing.session))["has_errors"] is False
    assert importing.complete() is State.DONE
    # What the item has is there.
    importing.session = importing.world.sessions.create(Service.UPDATE, "user", {"library_item_id": importing.item})
    importing.push(b_ovf=OVF)
    assert uploads.validate(importing.session) == (set(), {})
    uploads.remove(importing.session, "disk.vmdk")
    assert uploads.validate(importing.session) == ({"disk.vmdk"}, {})


@pytest.mark.parametrize("content", [b"", b"text", b"<a>", b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'])
def test_validation_names_a_descriptor_that_is_none(content: bytes) -> None:
    importing = Importing()
    importing.push(a_ovf=content)
    shown = importing.world.views.validation(*importing.world.uploads.validate(importing.session))
    assert (shown["has_errors"], [one["name"] for one in shown["invalid_files"]]) == (True, ["a.ovf"])


def test_manifest_and_certificate_come_first_and_do_not_stay() -> None:
    importing = Importing()
    importing.push(a_mf=b"SHA256(a.ovf)= 00")
    importing.push(a_ovf=OVF, disk_vmdk=b"disk")
    for name in ("b.mf", "a.CERT"):
        assert importing.refused(importing.add, name) == "NOT_ALLOWED_IN_CURRENT_STATE"
    shown = {
        one.name: importing.world.views.upload(one, "http://x")["keep_in_storage"]
        for one in importing.world.uploads.list_files(importing.session)
    }
    assert shown == {"a.mf": False, "a.ovf": True, "disk.vmdk": True}
    importing.complete()
    assert importing.names() == {"a.ovf", "disk.vmdk"}


def test_in_an_item_of_another_type_they_are_files_as_any() -> None:
    importing = Importing("file")
    importing.push(a_ovf=OVF, a_mf=b"SHA256(a.ovf)= 00")
    importing.complete()
    assert importing.names() == {"a.ovf", "a.mf"}


def test_the_manual_clock_stands_where_certificates_are_made_for() -> None:
    assert datetime(2026, 1, 2, tzinfo=UTC) < NOW < datetime(2026, 1, 3, tzinfo=UTC)
