"""What a browser with empty caches gets and does for each page of the demonstration, beside Django's admin."""
