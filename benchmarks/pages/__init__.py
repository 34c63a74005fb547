"""The thread page and the thread list among a million messages, beside a bare view and Django's admin."""
