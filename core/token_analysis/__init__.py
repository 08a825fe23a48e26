"""What the Tokens page shows about an input: its tokens, its request by either API, its cost, code."""
