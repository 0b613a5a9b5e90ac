"""One module for each further indicator: ``write(folder, made, rng)`` makes its tables and layers."""
