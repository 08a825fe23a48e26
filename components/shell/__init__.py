"""The frame around every page: navigation, header, sidebar, Home."""
