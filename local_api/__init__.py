"""A server of the Assistants API of its own, in both dialects: for fresh machines, tests, people without a hosted one.

It stands apart: nothing of the dashboard imports it, nor does it import any of it. They meet over HTTP.
"""
