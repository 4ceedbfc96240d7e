"""The server: owns jobs and connections, computes nothing itself."""
