"""Function tools: schemas, the tools of the library, and the loop of calls and results."""
