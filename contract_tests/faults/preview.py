"""Servers that show the preview of an update session wrongly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from contract_tests.faults.fault import Decision, fault, sessions, views
from contract_tests.faults.keep_alive import UPDATE_CELLS
from contract_tests.faults.model import having, lacking, shown
from contract_tests.mock.domain.model import SessionRecord, State
from contract_tests.mock.domain.previews import Previews

if TYPE_CHECKING:
    from contract_tests.mock import Parts


def previewed(change: Decision, *, with_warning: bool) -> Parts:
    """Previews are shown as `change` makes them: those with a warning, or those without."""

    def preview_of(self: Previews, session: SessionRecord) -> Any:
        preview = Previews.preview_of(self, session)
        return change(preview) if bool(session.raised) is with_warning else preview

    return sessions(preview_of=preview_of)


def certificate(**members: Any) -> Decision:
    return lambda preview: preview | {"certificate_info": members}


def deciding(*, ignored: bool) -> Decision:
    """A preview that says the same of each of its warnings."""
    return lambda preview: preview | {"warnings": [one | {"ignored": ignored} for one in preview["warnings"]]}


FAULTS: Final = [
    fault(
        "the preview outlives the session",
        views(shows_preview=lambda *_: True),
        "model.preview-only-while-active",
        tolerated=("model.preview-info",),
        cells=UPDATE_CELLS,
    ),
    fault(
        "a completed session shows a preview",
        views(shows_preview=lambda self, one: self.sessions.state_of(one) in (State.ACTIVE, State.DONE)),
        "model.preview-only-while-active",
        tolerated=("model.preview-info",),
        cells=UPDATE_CELLS,
        only="completed or preview",
    ),
    *(
        fault(name, previewed(change, with_warning=warned), "model.preview-info", cells=UPDATE_CELLS, only="preview")
        for name, warned, change in (
            ("a preview is AVAILABLE without files", False, having(state="AVAILABLE", warnings=[])),
            ("a preview has no state", True, lacking("state")),
            ("a preview has warnings before it is AVAILABLE", False, having(warnings=[])),
            ("a preview has a certificate before it is AVAILABLE", True, having(state="PREPARING", warnings=None)),
            ("a preview that is AVAILABLE has no warnings", True, lacking("warnings")),
            ("a certificate has no subject", True, certificate(issuer="CN=x", self_signed=False, x509="eA==")),
            (
                "self_signed is a text",
                True,
                certificate(issuer="CN=x", subject="CN=x", self_signed="yes", x509="eA=="),
            ),
            (
                "a preview's warning does not say whether it is ignored",
                True,
                lambda preview: preview | {"warnings": [lacking("ignored")(one) for one in preview["warnings"]]},
            ),
            ("a preview is a text", False, lambda _: "UNAVAILABLE"),
        )
    ),
    *(
        fault(
            name,
            shown(lambda model, how=how: how(model) if "warning_behavior" in model else model),
            "model.warning-behavior",
            cells=UPDATE_CELLS,
        )
        for name, how in (
            ("warning_behavior is a map", having(warning_behavior={"SELF_SIGNED_CERTIFICATE": True})),
            (
                "warning_behavior has no types",
                lambda model: model | {"warning_behavior": [lacking("type")(one) for one in model["warning_behavior"]]},
            ),
            (
                "warning_behavior has texts for decisions",
                lambda model: (
                    model
                    | {
                        "warning_behavior": [
                            one | {"ignored": str(one["ignored"])} for one in model["warning_behavior"]
                        ]
                    }
                ),
            ),
        )
    ),
    *(
        fault(name, previewed(change, with_warning=True), "model.preview-ignored", cells=UPDATE_CELLS)
        for name, change in (
            ("a preview never says that a warning is ignored", deciding(ignored=False)),
            ("a preview says of every warning that it is ignored", deciding(ignored=True)),
        )
    ),
]
