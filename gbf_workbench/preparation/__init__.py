"""Raw files become checked tables."""
