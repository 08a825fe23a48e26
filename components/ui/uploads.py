"""The limit of uploaded files.

`server.maxUploadSize` is that of the widget for the largest files, so every other one has its own.
"""

MAX_UPLOAD_MB = 25
