"""How long `make run` takes, and what it holds in memory."""
