"""The desk beside what one would use instead, on the same ten runs."""
