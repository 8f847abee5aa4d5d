"""The families of the course, one file each: network, objective, algorithm, beside their papers."""
