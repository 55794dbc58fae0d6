"""OVF descriptors, as far as this server reads them: which other files they speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree

from contract_tests.mock.domain.errors import Message

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from contract_tests.mock.domain.model import Upload

LARGEST: Final = 2**22
"""The most bytes of a descriptor that is looked into; those of real machines have some 100 KiB."""


def problem_of(file: Upload) -> Message | None:
    """Why a file that is called a descriptor is none."""
    if not _is_readable(file) or _root(file) is not None:
        return None
    text = f"{file.name} is no OVF descriptor: it is no XML that can be read."
    return Message("com.vmware.vdcs.cls-main.descriptor_not_readable", text, (file.name,))


def referenced(file: Upload) -> set[str]:
    """The names of the files that a descriptor refers to; none if it can't be looked into."""
    root = _root(file) if _is_readable(file) else None
    if root is None:
        return set()
    return {
        value
        for element in root.iterfind("{*}References/{*}File")
        for name, value in element.attrib.items()
        if name.rpartition("}")[2] == "href" and "://" not in value
    }


def _is_readable(file: Upload) -> bool:
    return file.name.lower().endswith(".ovf") and file.content.is_kept and file.content.size <= LARGEST


def _root(file: Upload) -> Element | None:
    try:
        return ElementTree.fromstring(bytes(file.content), forbid_dtd=True)
    except (ParseError, ValueError, LookupError):
        return None
