"""Answers sent under faults, against the real processes: `python -m testing.fault_injection` (`make sending-faults`).

Each fault befalls one run of its own: people answer it with the form that a browser posts, something goes wrong, and in
the end the server's own record of deliveries is held against what the people are shown.
"""
