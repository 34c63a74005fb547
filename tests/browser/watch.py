"""What pages complain of while a test looks at them."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Page, WebError

# What htmx says of a request whose page was left meanwhile; of one that failed it says more.
LEFT = ("htmx:sendAbort", "htmx:afterRequest,")


class Watch:
    """Collects console errors (a broken content policy is one), uncaught exceptions and dialogs."""

    def __init__(self) -> None:
        self._seen: list[str] = []
        self._expected: list[str] = []

    def follow(self, context: BrowserContext) -> None:
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)
        context.on("page", self._on_page)

    def leave(self, context: BrowserContext) -> None:
        context.remove_listener("console", self._on_console)
        context.remove_listener("weberror", self._on_error)
        context.remove_listener("page", self._on_page)

    def expect(self, part: str) -> None:
        """A complaint with these words is what the test wants."""
        self._expected.append(part)

    def complaints(self) -> list[str]:
        return [each for each in self._seen if not any(part in each for part in self._expected)]

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(each in message.text for each in LEFT):
            self._seen.append(f"{message.type}: {message.text} ({message.location['url']})")

    def _on_error(self, error: WebError) -> None:
        self._seen.append(f"uncaught: {error.error}")

    def _on_page(self, page: Page) -> None:
        page.on("dialog", self._on_dialog)

    def _on_dialog(self, dialog: Dialog) -> None:
        self._seen.append(f"dialog: {dialog.message}")
        dialog.dismiss()
