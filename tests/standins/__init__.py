"""Local stand-ins: real HTTP servers on loopback that speak a provider's format, and its faults."""
