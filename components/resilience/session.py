"""The key of the widget that the Resilience page draws and its drafts restore."""

LAB_KEY = "resilience.lab"
