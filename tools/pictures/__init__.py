"""Pictures of every page: for docs/, and to find in a test what broke a page."""
