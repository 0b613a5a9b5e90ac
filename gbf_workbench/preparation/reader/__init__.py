"""Files of others are opened in a separate process with limits, which hands back tables and sentences, never objects."""
