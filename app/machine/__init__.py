"""What the process may take of the machine: cores, threads, memory."""
