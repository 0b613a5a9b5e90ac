"""An invented country, theme by theme: each module invents one kind of data from its own stream of random numbers."""
