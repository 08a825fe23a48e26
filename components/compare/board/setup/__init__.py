"""What a board consists of: its variants, its cases and its checks."""
