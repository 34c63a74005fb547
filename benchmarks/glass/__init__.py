"""From a run's change at the server to the glass of an open page."""
