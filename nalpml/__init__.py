"""nalpml: detect and classify covert channels outside the application layer."""
