"""What a campaign has to note of its requests, so that a recording of it can be judged again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from contract_tests.contract import Cell
from contract_tests.contract.dialects import Op
from contract_tests.problems import PremiseFailed
from contract_tests.rules.steps import Standing, Step
from contract_tests.traffic.inputs import UNLIKELY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_tests.fuzz.campaigns.campaign import Campaign
    from contract_tests.traffic.archive import KeptPlay
    from contract_tests.traffic.exchange import Exchange


def notes_of(done: Sequence[Step], campaign: Campaign, exchanges: Sequence[Exchange]) -> list[dict[str, Any]]:
    """A note for each request that was judged, and one of how the campaign ended, on the last exchange."""
    numbers = {id(exchange): number for number, exchange in enumerate(exchanges)}
    notes: dict[int, dict[str, Any]] = {}
    for sent in done:
        number = numbers[id(sent.exchange)]
        notes[number] = {
            "exchange": number,
            "sent": {
                "cell": str(sent.cell),
                "operation": sent.operation,
                "op": sent.op.value,
                "standing": sent.standing.value,
                "wrong": sorted(sent.wrong),
                "item": sent.item,
                "before": None if sent.before is None else numbers[id(sent.before)],
                "after": None if sent.after is None else numbers[id(sent.after)],
                "complaints": list(sent.complaints),
                "on_the_wire": sent.on_the_wire,
            },
        }
    if exchanges:
        last = notes.setdefault(len(exchanges) - 1, {"exchange": len(exchanges) - 1})
        last["campaign"] = {
            "complete": campaign.complete,
            "mishaps": campaign.mishaps,
            "premise": campaign.premise and [campaign.premise.expected, campaign.premise.observed],
        }
    return list(notes.values())


def judge_again(campaign: Campaign, play: KeptPlay | None) -> Campaign:
    """Judge the requests of a recorded campaign by the rules of today."""
    if play is None:
        campaign.premise = PremiseFailed("a campaign in the recording", "none")
        return campaign
    try:
        done = [_sent(note["sent"], note["exchange"], play.exchanges) for note in play.notes if "sent" in note]
        for told in (note["campaign"] for note in play.notes if "campaign" in note):
            campaign.complete, campaign.mishaps = bool(told["complete"]), list(map(str, told["mishaps"]))
            campaign.premise = told["premise"] and PremiseFailed(*told["premise"])
    except UNLIKELY as problem:
        why = f"{type(problem).__name__}: {problem}"
        campaign.premise = PremiseFailed("notes of this campaign that can be read", why)
        return campaign
    for sent in done:
        campaign.findings.add(sent)
    return campaign


def _sent(told: dict[str, Any], number: int, exchanges: Sequence[Exchange]) -> Step:
    exchange = exchanges[number]
    urlsplit(exchange.request.url)  # the rules read it; what is no address was sent by no campaign
    return Step(
        exchange,
        Cell.parse(told["cell"]),
        told["operation"],
        Op(told["op"]),
        Standing(told["standing"]),
        frozenset(told["wrong"]),
        told["item"],
        None if told["before"] is None else exchanges[told["before"]],
        None if told["after"] is None else exchanges[told["after"]],
        tuple(told["complaints"]),
        on_the_wire=told["on_the_wire"],
    )
