"""From a server's word to the glass of an open page, while a run is being written."""
