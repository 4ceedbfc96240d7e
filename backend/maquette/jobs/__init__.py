"""Jobs: what can be asked for, and the process that does it.

A job is a plain message: its kind, its inputs (files and folders), its options (JSON values) and where its result
goes. `worker` is the process that runs jobs, `process` the handle that whoever started it holds; the command line
(`foreground`) and the server use the same two.
"""
