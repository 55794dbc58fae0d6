"""Visits of pages, watched: what they ask for, what they complain about, whether they try to speak."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, Route


class Visits:
    """Opens pages from files.

    Attributes:
        complaints: errors and warnings of the console (violations of the policy are among them), uncaught
            exceptions, dialogs.
        requests: what was asked for besides the page itself; it was not answered.
    """

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._browser = browser
        self._folder = folder
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []
        self.requests: list[str] = []

    def open(self, html: str, anchor: str = "", **options: Any) -> Page:
        """Show `html`; `options` are those of a browser context (viewport, color_scheme, …)."""
        file = self._folder / f"{len(self._contexts)}.html"
        file.write_text(html, encoding="utf-8", newline="\n")
        context = self._browser.new_context(**options)
        self._contexts.append(context)
        context.set_default_timeout(10_000)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"exception: {error}"))
        page.on("dialog", self._dialog)

        def route(route: Route) -> None:
            if route.request.url.partition("#")[0] == file.as_uri():
                route.continue_()
            else:
                self.requests.append(route.request.url)
                route.abort()

        context.route("**/*", route)
        page.goto(file.as_uri() + anchor)
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text}")

    def _dialog(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()
