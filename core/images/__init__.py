"""Images: validation, formats, download, image tokens, attachments."""
