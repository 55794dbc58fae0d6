"""Whether an id can be guessed. Where ids are counted, one that a test makes up, or borrows, may be somebody's."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import Final
from uuid import uuid4

from contract_tests.contract.tolerances import IDS_APART, SHORT_ID

_ENDS_AS_UUID: Final = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\Z", re.IGNORECASE)


def is_short(id_: str) -> bool:
    """Whether an id says so little that a server may have given it without anybody having heard of it."""
    return len(id_) < SHORT_ID


def are_alike(one: str, other: str) -> bool:
    """Whether a server that gives one id may give the other, too: they are short, or differ in a few signs only.

    Random ids differ nearly from end to end; counted ones, and those of a time and a number, in few signs.
    """
    if is_short(one):
        return True
    if len(one) == len(other):
        return sum(sign != its for sign, its in zip(one, other, strict=True)) < IDS_APART
    start = _common(one, other)
    end = _common(one[start:][::-1], other[start:][::-1])
    return max(len(one), len(other)) - start - end < IDS_APART


def _common(one: str, other: str) -> int:
    """The length of the beginning that two texts share."""
    return sum(1 for _ in takewhile(lambda signs: signs[0] == signs[1], zip(one, other, strict=False)))


def slightly_other(id_: str, given: str) -> str:
    """An id that nothing has, as little different from `id_` as that allows; `given` is another id of the same server.

    The end of a UUID is random, or the same in all that a machine makes, and no counter. Of other ids nobody knows, so
    they get a random end.
    """
    if _ENDS_AS_UUID.search(id_) is None or are_alike(id_, given):
        return id_ + uuid4().hex
    return id_[:-1] + ("1" if id_[-1] == "0" else "0")
