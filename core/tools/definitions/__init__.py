"""What a tool is: its schema, and the tools that are functions, declared, or of MCP servers."""
