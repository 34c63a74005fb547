"""Why a run, a step or a message did not get to its end, in words: the one table of them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assistants_app.models import Run, RunStep


@dataclass(frozen=True, slots=True)
class Reason:
    """What happened, what is unharmed, and the one next step; `said` are the server's own words."""

    what: str | Promise
    unharmed: str | Promise = ""
    next: str | Promise = ""
    said: str = ""
    code: str = ""


THREAD = _("The thread is unharmed, with all that was said in it.")
FAILED = {
    "rate_limit_exceeded": Reason(
        _("The server refused the run: too many requests or tokens in a short time, or the account has no quota left."),
        THREAD,
        _(
            "Wait a minute, then start the run again. "
            "If it happens each time, the account's limits are the place to look."
        ),
    ),
    "server_error": Reason(
        _("Something broke on the server; nothing that was asked is wrong."),
        THREAD,
        _("Start the run again. If it fails again, the server's provider needs the run's id."),
    ),
    "invalid_prompt": Reason(
        _("The server does not accept what the run was given to read."),
        THREAD,
        _(
            "Change the last message or the assistant's instructions, then start another run: "
            "the same again would fail."
        ),
    ),
}
INCOMPLETE = {
    "max_completion_tokens": Reason(
        _("The reply reached the most tokens that this run may write, and stops there."),
        _("What it wrote is in the thread."),
        _("Ask it to go on, or start a run with a higher limit."),
    ),
    "max_prompt_tokens": Reason(
        _("The thread is longer than the tokens that this run may read."),
        _("The thread and what the run had written are unharmed."),
        _("Start a run with a higher limit, or begin a new thread with what matters."),
    ),
    "content_filter": Reason(
        _("The server's content filter stopped the reply."),
        _("What it wrote before is in the thread."),
        _("Ask in other words."),
    ),
}
EXPIRED = Reason(
    _("Servers end a run that is not finished some minutes after it began, answered or not."),
    THREAD,
    _("Start another run on the thread."),
)
MESSAGE = {
    "max_tokens": Reason(_("The message stops here: the limit of tokens was reached."), next=_("Ask it to go on.")),
    "content_filter": Reason(
        _("The message stops here: the server's content filter cut it."), next=_("Ask in other words.")
    ),
    "run_cancelled": Reason(_("The message stops here: its run was cancelled.")),
    "run_expired": Reason(_("The message stops here: its run expired."), next=_("Start another run.")),
    "run_failed": Reason(_("The message stops here: its run failed."), next=_("Start another run.")),
}


def of_run(run: Run) -> Reason | None:
    """Why a run ended without a full reply; None where it did not. Codes that are not known are left to the
    server's own words."""
    if run.status == "failed":
        known = FAILED.get(
            run.error_code, Reason("" if run.error_message else _("The server gives no reason."), THREAD)
        )
        return _with_words(known, run.error_message, run.error_code, _("Start another run on the thread."))
    if run.status == "incomplete":
        # The reason stands where other runs have the message of their error.
        known = INCOMPLETE.get(run.error_message, Reason("", _("What it wrote is in the thread.")))
        said = "" if run.error_message in INCOMPLETE else run.error_message
        return _with_words(known, said, run.error_code, _("Ask it to go on, or start another run."))
    if run.status == "expired":
        return _with_words(EXPIRED, run.error_message, run.error_code, "")
    if run.error_message:
        return _with_words(Reason(""), run.error_message, run.error_code, "")
    return None


def of_step(step: RunStep, code: str) -> Reason | None:
    """Why a step did not get to its end."""
    if step.status != "failed" and not step.error_message:
        return None
    known = FAILED.get(code, Reason(""))
    return _with_words(Reason(known.what), step.error_message, code, "")


def of_message(reason: str) -> Reason:
    """Why a message is not whole."""
    return MESSAGE.get(reason, Reason(gettext("The message is not whole: %(reason)s") % {"reason": reason}))


def _with_words(known: Reason, said: str, code: str, otherwise: str | Promise) -> Reason:
    return Reason(known.what, known.unharmed, known.next or otherwise, said, code)
