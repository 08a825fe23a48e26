"""MCP servers: programs and addresses that offer tools by the Model Context Protocol.

Only `servers` is light. The other modules import the `mcp` package: import them where a server is connected.
"""
