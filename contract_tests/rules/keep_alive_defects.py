"""The defects of a keep-alive: what is wrong with the request, read from its action and its body."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from contract_tests.contract.dialects import ID_MEMBER, PROGRESS_MEMBER, Op
from contract_tests.rules import defects
from contract_tests.rules.requests import UNREADABLE, Action, Kind, ParsedRequest, Unreadable, kind_of
from contract_tests.rules.steps import Standing, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_tests.rules.defects import Defect


BY_BODY: Final = "addressing.id-in-body"
"""The clause about the 6.0 form, to which all belongs that is asked for in this form alone."""


def defects_of(step: Step, request: ParsedRequest) -> Iterator[Defect]:
    """The defects of a keep-alive."""
    by_body = step.op is Op.KEEP_ALIVE_BY_BODY
    action = request.action("keep-alive")
    yield from _of_action(action, step)
    yield from defects.general(step)
    about_session = defects.of_session(
        step,
        ended="keep-alive.only-active",
        expired="expiry.expired-refuses-keep-alive",
        unknown="keep-alive.unknown-id",
        deleted="keep-alive.deleted-id",
    )
    about_it = (*about_session, *_of_body(step, request))
    if action is not Action.RIGHT:
        # What it asks for is no keep-alive, but a server may look at the rest first.
        yield from (one.as_excuse for one in about_it)
    elif by_body:
        yield defects.BY_BODY
        yield from (one.under(BY_BODY) if one.clause else one for one in about_it)
    else:
        yield from about_it


def _of_action(action: Action, step: Step) -> Iterator[Defect]:
    told = {
        Action.UNKNOWN: defects.UNKNOWN_ACTION,
        Action.MISSING: defects.MISSING_ACTION,
        Action.OTHER: defects.OTHER_ACTION,
    }.get(action)
    if told is not None:
        # On the collection of sessions other actions are other operations.
        yield told if step.op is Op.KEEP_ALIVE else told.as_excuse


def _of_body(step: Step, request: ParsedRequest) -> Iterator[Defect]:
    media, value = request.media, request.value
    if media == "":
        return
    if media in request.conventions.older_media:
        yield defects.LEGACY_FORM
        yield from _of_printed(step, request)
    elif media != "json":
        yield defects.UNDOCUMENTED_MEDIA
    elif value is UNREADABLE:
        yield defects.MALFORMED
    elif value is None:
        yield defects.NULL
    elif not isinstance(value, dict):
        yield defects.NO_OBJECT
    else:
        yield from _of_members(step, value)


def _of_printed(step: Step, request: ParsedRequest) -> Iterator[Defect]:
    """A body in a form of 6.0 is looked into if it is written as the pages print it."""
    number = progress_as_printed(step, request)
    if number is Unreadable.UNREADABLE:
        yield defects.UNKNOWN_CURRENT
    elif number is not None:
        yield from _of_integer(number, step)


def progress_as_printed(step: Step, request: ParsedRequest) -> int | Unreadable | None:
    """The progress in a body that is written as the pages print it, and has nothing else than the session's id."""
    member, id_ = PROGRESS_MEMBER[step.cell.service], ID_MEMBER[step.cell.service]
    members = dict(request.printed or {"": ""})
    told, named = members.pop(member, None), members.pop(id_, None)
    elsewhere = named is not None and step.op is Op.KEEP_ALIVE and named not in unquote(request.request.url)
    if members or elsewhere or (told is not None and not re.fullmatch("0|[1-9][0-9]{0,2}", told)):
        return UNREADABLE
    return None if told is None else int(told)


def _of_members(step: Step, body: dict[str, Any]) -> Iterator[Defect]:
    member, others = PROGRESS_MEMBER[step.cell.service], set(PROGRESS_MEMBER.values())
    known = {member, ID_MEMBER[step.cell.service]} if step.op is Op.KEEP_ALIVE_BY_BODY else {member}
    if body.keys() - known & others:
        yield defects.OTHER_SERVICES_MEMBER
    if body.keys() - known - others:
        yield defects.UNKNOWN_MEMBER
    if member in body:
        yield from _of_progress(body[member], step)


def _of_progress(value: Any, step: Step) -> Iterator[Defect]:
    kind = kind_of(value)
    told = {
        Kind.WRONG: defects.NOT_AN_INTEGER,
        Kind.BEYOND: defects.BEYOND_INT64,
        Kind.EITHER: defects.OTHER_SPELLING,
    }
    if kind in told:
        yield told[kind]
    elif kind is Kind.INTEGER:
        yield from _of_integer(value, step)


def _of_integer(value: int, step: Step) -> Iterator[Defect]:
    current = step.progress_before
    if value < 0:
        yield defects.NEGATIVE
    elif value > 100:
        yield defects.ABOVE_100
    if current is None:
        if step.standing is Standing.ACTIVE and value <= 100:
            yield defects.UNKNOWN_CURRENT
    elif value <= current:
        told = defects.LOWER if value < current else defects.EQUAL
        # A negative one is lower, too; and of a session that has ended nothing is stored. Those clauses are about it.
        yield told if value >= 0 and step.standing is Standing.ACTIVE else told.as_excuse
