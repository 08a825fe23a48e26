"""Icons in HTML, drawn with the font that Streamlit's own icons have."""


def icon_html(icon: str) -> str:
    """Return the element for *icon*, such as `:material/home:`. Its meaning must be in the text beside it."""
    name = icon.removeprefix(":material/").removesuffix(":")
    return f'<span class="icon" aria-hidden="true" translate="no">{name}</span>'
