"""What asks the network, and nothing else does."""
