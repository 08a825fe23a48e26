"""MCP servers: programs and addresses that offer tools by the Model Context Protocol.

Only `servers` is light. `repository` imports the database and the others the `mcp` package: import them where
they are needed.
"""
