"""Starts the whole dashboard on one machine: `switchboard run`, which is what `make run` runs.

It stands beside the Django project and imports nothing of it, so that it stays small and quick.
"""
