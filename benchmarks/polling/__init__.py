"""Following active runs: what a poll costs, how late a change is noticed, and what a crash does to it."""
