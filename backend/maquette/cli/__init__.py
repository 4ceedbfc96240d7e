"""The command line: parses, calls one function, prints one answer. stdout is the answer, stderr the story."""
