"""Files of others are opened in a separate process with limits that hands back tables and words, never objects."""
